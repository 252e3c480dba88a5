#include "io/safetensors/network_metadata.h"

#include "base/error.h"
#include "base/dtype.h"
#include "io/safetensors/metadata_fields.h"

#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#define LENGTH(array) (sizeof(array) / sizeof *(array))

static const char *const dtypes[] = {[MLPBN_F32] = "F32", [MLPBN_F64] = "F64"};

static const char *const activations[] = {
    [MLPBN_IDENTITY] = "identity",
    [MLPBN_RELU] = "relu",
    [MLPBN_LEAKY_RELU] = "leaky_relu",
    [MLPBN_ELU] = "elu",
    [MLPBN_SELU] = "selu",
    [MLPBN_SIGMOID] = "sigmoid",
    [MLPBN_TANH] = "tanh",
    [MLPBN_SOFTPLUS] = "softplus",
    [MLPBN_SILU] = "silu",
    [MLPBN_GELU] = "gelu",
    [MLPBN_GELU_TANH] = "gelu_tanh",
    [MLPBN_SOFTMAX] = "softmax",
};

static const mlpbn__field network_fields[] = {
    {"inputs", MLPBN__FIELD_SIZE, offsetof(mlpbn__network_plan, options.inputs), NULL, 0},
    {"dtype", MLPBN__FIELD_NAME, offsetof(mlpbn__network_plan, options.dtype), dtypes,
     LENGTH(dtypes)},
    {"layers", MLPBN__FIELD_SIZE, offsetof(mlpbn__network_plan, n_layers), NULL, 0},
};

#define LAYER(name, type) #name, type, offsetof(mlpbn_layer_options, name)

static const mlpbn__field layer_fields[] = {
    {LAYER(units, MLPBN__FIELD_SIZE), NULL, 0},
    {LAYER(bias, MLPBN__FIELD_FLAG), NULL, 0},
    {LAYER(activation, MLPBN__FIELD_NAME), activations, LENGTH(activations)},
    {LAYER(alpha, MLPBN__FIELD_REAL), NULL, 0},
    {LAYER(dropout, MLPBN__FIELD_REAL), NULL, 0},
};

#define BATCHNORM(name, type)                                                            \
    {                                                                                    \
        "batchnorm." #name, type, offsetof(mlpbn_batchnorm_options, name), NULL, 0       \
    }

static const mlpbn__field batchnorm_fields[] = {
    BATCHNORM(eps, MLPBN__FIELD_REAL),
    BATCHNORM(decay, MLPBN__FIELD_REAL),
    BATCHNORM(unbiased_running_variance, MLPBN__FIELD_FLAG),
    BATCHNORM(start_from_first_batch, MLPBN__FIELD_FLAG),
    BATCHNORM(affine, MLPBN__FIELD_FLAG),
    BATCHNORM(after_activation, MLPBN__FIELD_FLAG),
    BATCHNORM(cumulative, MLPBN__FIELD_FLAG),
};

static const mlpbn__field has_batchnorm = {"batchnorm", MLPBN__FIELD_FLAG, 0, NULL, 0};

/* What is not in tensors and may change: of the network, and of each batchnorm. */
static const mlpbn__field steps_field = {"steps", MLPBN__FIELD_COUNT, 0, NULL, 0};
static const mlpbn__field state_fields[] = {
    {"batchnorm.as_born", MLPBN__FIELD_FLAG, offsetof(mlpbn__batchnorm_state, is_initial),
     NULL, 0},
    {"batchnorm.frozen", MLPBN__FIELD_FLAG, offsetof(mlpbn__batchnorm_state, frozen),
     NULL, 0},
};

static const char *layer_prefix(char prefix[MLPBN__KEY_SIZE], size_t l)
{
    snprintf(prefix, MLPBN__KEY_SIZE, "mlpbn.layer%zu.", l);
    return prefix;
}

static void set_layer(mlpbn__header *header, const char *prefix,
                      const mlpbn_layer_options *layer)
{
    int has = layer->batchnorm != NULL;
    mlpbn__fields_set(header, prefix, layer_fields, LENGTH(layer_fields), layer);
    mlpbn__fields_set(header, prefix, &has_batchnorm, 1, &has);
    if (has)
        mlpbn__fields_set(header, prefix, batchnorm_fields, LENGTH(batchnorm_fields),
                          layer->batchnorm);
}

void mlpbn__network_texts_set(mlpbn__header *header, const mlpbn_network *network)
{
    char prefix[MLPBN__KEY_SIZE];
    mlpbn__network_plan plan = {
        .options = {.inputs = network->inputs, .dtype = network->dtype},
        .n_layers = network->n_layers};
    mlpbn__fields_set(header, "mlpbn.", network_fields, LENGTH(network_fields), &plan);
    for (size_t l = 0; l < network->n_layers; l++)
        set_layer(header, layer_prefix(prefix, l), &network->layers[l].options);
}

static mlpbn_status get_layer(mlpbn__network_plan *plan, const mlpbn__header *header,
                              size_t l)
{
    static const mlpbn_layer_options layer_defaults =
        MLPBN_LAYER_OPTIONS_INIT(0, MLPBN_RELU);
    static const mlpbn_batchnorm_options batchnorm_defaults =
        MLPBN_BATCHNORM_OPTIONS_INIT;
    char prefix[MLPBN__KEY_SIZE];
    int has = 0;
    mlpbn_layer_options *layer = plan->made + l;
    mlpbn_batchnorm_options *batchnorm = plan->batchnorms + l;
    *layer = layer_defaults;
    *batchnorm = batchnorm_defaults;
    layer->init = MLPBN_INIT_ZEROS;
    layer_prefix(prefix, l);
    mlpbn_status status =
        mlpbn__fields_get(header, prefix, layer_fields, LENGTH(layer_fields), layer);
    if (!status)
        status = mlpbn__fields_get(header, prefix, &has_batchnorm, 1, &has);
    if (status || !has)
        return status;
    layer->batchnorm = batchnorm;
    return mlpbn__fields_get(header, prefix, batchnorm_fields, LENGTH(batchnorm_fields),
                             batchnorm);
}

static mlpbn_status new_layers(mlpbn__network_plan *plan)
{
    plan->layers = plan->made = calloc(plan->n_layers, sizeof *plan->made);
    plan->batchnorms = calloc(plan->n_layers, sizeof *plan->batchnorms);
    if (plan->made && plan->batchnorms)
        return MLPBN_OK;
    return mlpbn__fail(MLPBN_ENOMEM, "no memory for %zu layers", plan->n_layers);
}

/* A file of a few bytes must not make us allocate a network of many. */
static mlpbn_status check_room(const mlpbn__network_plan *plan, uint64_t n_data)
{
    size_t bytes = 0, inputs = plan->options.inputs;
    for (size_t l = 0; l < plan->n_layers && bytes != SIZE_MAX; l++) {
        size_t weights = mlpbn__multiply(inputs, plan->layers[l].units);
        weights = mlpbn__multiply(weights, mlpbn__sizeof(plan->options.dtype));
        bytes = weights > SIZE_MAX - bytes ? SIZE_MAX : bytes + weights;
        inputs = plan->layers[l].units;
    }
    if (bytes <= n_data)
        return MLPBN_OK;
    return mlpbn__fail(MLPBN_EFORMAT,
                       "the layers have %zu bytes of weights, the file has %" PRIu64
                       " of data",
                       bytes, n_data);
}

mlpbn_status mlpbn__network_plan_read(mlpbn__network_plan *plan,
                                      const mlpbn__file_in *file)
{
    static const mlpbn_network_options defaults = MLPBN_NETWORK_OPTIONS_INIT(0);
    *plan = (mlpbn__network_plan){.options = defaults};
    mlpbn_status status = mlpbn__fields_get(&file->header, "mlpbn.", network_fields,
                                            LENGTH(network_fields), plan);
    if (status)
        return status;
    size_t most = mlpbn__header_tensors(&file->header); /* one weight a layer */
    if (plan->n_layers < 1 || plan->n_layers > most)
        return mlpbn__fail(MLPBN_EFORMAT,
                           "mlpbn.layers: expected 1 to the %zu tensors, got %zu", most,
                           plan->n_layers);
    status = new_layers(plan);
    for (size_t l = 0; l < plan->n_layers && !status; l++)
        status = get_layer(plan, &file->header, l);
    if (!status)
        status = check_room(plan, file->n_data);
    if (status)
        mlpbn__network_plan_free(plan);
    return status;
}

/* The first weight: 0.weight, or 1.weight after standardization. */
static mlpbn_status find_weight(mlpbn__file_tensor *weight, const mlpbn__header *header)
{
    char shape[MLPBN__SHAPE_TEXT];
    mlpbn__file_tensor mean;
    int standardized = !mlpbn__header_find(header, "0.weight", weight) &&
                       mlpbn__header_find(header, "0.running_mean", &mean);
    const char *name = standardized ? "1.weight" : "0.weight";
    if (!mlpbn__header_find(header, name, weight))
        return mlpbn__fail(MLPBN_ESHAPE,
                           "the file has no tensor %s: expected the state_dict() of an "
                           "nn.Sequential that begins with a Linear",
                           name);
    if (weight->n_dims == 2 && weight->dims[0] > 0)
        return MLPBN_OK;
    return mlpbn__fail(MLPBN_ESHAPE, "%s: expected [units][inputs], got %s", name,
                       mlpbn__shape_text(shape, weight->n_dims, weight->dims));
}

mlpbn_status mlpbn__network_plan_guess(mlpbn__network_plan *plan,
                                       const mlpbn__file_in *file,
                                       const mlpbn_layer_options *layers, size_t n_layers)
{
    static const mlpbn_network_options defaults = MLPBN_NETWORK_OPTIONS_INIT(0);
    mlpbn__file_tensor weight;
    *plan = (mlpbn__network_plan){
        .options = defaults, .layers = layers, .n_layers = n_layers};
    mlpbn_status status = find_weight(&weight, &file->header);
    if (status)
        return status;
    if (weight.type != MLPBN__FILE_F32 && weight.type != MLPBN__FILE_F64)
        return mlpbn__fail(MLPBN_EUNSUPPORTED, "%s: expected F32 or F64, got %s",
                           weight.name, mlpbn__file_type_name(weight.type));
    plan->options.inputs = weight.dims[1];
    plan->options.dtype = weight.type == MLPBN__FILE_F32 ? MLPBN_F32 : MLPBN_F64;
    return MLPBN_OK;
}

void mlpbn__network_plan_free(mlpbn__network_plan *plan)
{
    free(plan->made);
    free(plan->batchnorms);
    plan->made = NULL;
    plan->batchnorms = NULL;
}

void mlpbn__network_state_set(mlpbn__header *header, const mlpbn_network *network)
{
    char prefix[MLPBN__KEY_SIZE];
    mlpbn__fields_set(header, "mlpbn.", &steps_field, 1, &network->steps);
    for (size_t l = 0; l < network->n_layers; l++) {
        const mlpbn_batchnorm *batchnorm = &network->layers[l].batchnorm;
        mlpbn__batchnorm_state state = {batchnorm->is_initial, batchnorm->frozen};
        if (network->layers[l].options.batchnorm)
            mlpbn__fields_set(header, layer_prefix(prefix, l), state_fields,
                              LENGTH(state_fields), &state);
    }
}

mlpbn_status mlpbn__network_state_new(mlpbn__network_state *state, size_t n_layers)
{
    *state =
        (mlpbn__network_state){.batchnorms = calloc(n_layers, sizeof *state->batchnorms)};
    return state->batchnorms
               ? MLPBN_OK
               : mlpbn__fail(MLPBN_ENOMEM, "no memory for the state of %zu layers",
                             n_layers);
}

mlpbn_status mlpbn__network_state_get(mlpbn__network_state *state,
                                      const mlpbn__header *header,
                                      const mlpbn_network *network)
{
    char prefix[MLPBN__KEY_SIZE];
    mlpbn_status status =
        mlpbn__fields_get(header, "mlpbn.", &steps_field, 1, &state->steps);
    for (size_t l = 0; l < network->n_layers && !status; l++)
        if (network->layers[l].options.batchnorm)
            status = mlpbn__fields_get(header, layer_prefix(prefix, l), state_fields,
                                       LENGTH(state_fields), state->batchnorms + l);
    return status;
}

void mlpbn__network_state_restore(mlpbn_network *network,
                                  const mlpbn__network_state *state)
{
    network->steps = state->steps;
    for (size_t l = 0; l < network->n_layers; l++) {
        network->layers[l].batchnorm.is_initial = state->batchnorms[l].is_initial;
        network->layers[l].batchnorm.frozen = state->batchnorms[l].frozen;
    }
}

void mlpbn__network_state_free(mlpbn__network_state *state)
{
    free(state->batchnorms);
}
