#include "io/safetensors/network_metadata.h"

#include "base/error.h"
#include "io/safetensors/enum_names.h"
#include "io/safetensors/metadata_fields.h"
#include "io/safetensors/standardization_metadata.h"

#include <stdio.h>
#include <stdlib.h>

#define LENGTH(array) (sizeof(array) / sizeof *(array))

typedef struct network_options {
    mlpbn_network_options options;
    size_t n_layers;
} network_options;

static const mlpbn__metadata_field network_fields[] = {
    MLPBN__FIELD("inputs", MLPBN__SIZE_FIELD, network_options, options.inputs),
    MLPBN__ENUM("dtype", network_options, options.dtype, mlpbn__dtype_name,
                MLPBN_F64 + 1),
    MLPBN__FIELD("layers", MLPBN__SIZE_FIELD, network_options, n_layers),
};

#define LAYER(name, type) MLPBN__FIELD(#name, type, mlpbn_layer_options, name)

static const mlpbn__metadata_field layer_fields[] = {
    LAYER(units, MLPBN__SIZE_FIELD),
    LAYER(bias, MLPBN__FLAG_FIELD),
    MLPBN__ENUM("activation", mlpbn_layer_options, activation, mlpbn__activation_name,
                MLPBN__ACTIVATION_END),
    LAYER(alpha, MLPBN__REAL_FIELD),
    LAYER(dropout, MLPBN__REAL_FIELD),
};

#define BATCHNORM(name, type)                                                            \
    MLPBN__FIELD("batchnorm." #name, type, mlpbn_batchnorm_options, name)

static const mlpbn__metadata_field batchnorm_fields[] = {
    BATCHNORM(eps, MLPBN__REAL_FIELD),
    BATCHNORM(decay, MLPBN__REAL_FIELD),
    BATCHNORM(unbiased_running_variance, MLPBN__FLAG_FIELD),
    BATCHNORM(start_from_first_batch, MLPBN__FLAG_FIELD),
    BATCHNORM(affine, MLPBN__FLAG_FIELD),
    BATCHNORM(after_activation, MLPBN__FLAG_FIELD),
    BATCHNORM(cumulative, MLPBN__FLAG_FIELD),
};

static const mlpbn__metadata_field has_batchnorm_field =
    MLPBN__VARIABLE("batchnorm", MLPBN__FLAG_FIELD);

static const mlpbn__metadata_field steps_field =
    MLPBN__VARIABLE("steps", MLPBN__COUNT_FIELD);

/* The key "as_born" is part of the file format. */
static const mlpbn__metadata_field state_fields[] = {
    MLPBN__FIELD("batchnorm.as_born", MLPBN__FLAG_FIELD, mlpbn__batchnorm_state,
                 is_initial),
    MLPBN__FIELD("batchnorm.frozen", MLPBN__FLAG_FIELD, mlpbn__batchnorm_state, frozen),
};

static const char *layer_prefix(char prefix[MLPBN__KEY_SIZE], size_t l)
{
    snprintf(prefix, MLPBN__KEY_SIZE, "mlpbn.layer%zu.", l);
    return prefix;
}

/* --- Options ---------------------------------------------------------------------------- */

static void set_layer(mlpbn__header_text *header, const char *prefix,
                      const mlpbn_layer_options *layer)
{
    int has_batchnorm = layer->batchnorm != NULL;
    mlpbn__metadata_set_fields(header, prefix, layer_fields, LENGTH(layer_fields), layer);
    mlpbn__metadata_set_fields(header, prefix, &has_batchnorm_field, 1, &has_batchnorm);
    if (has_batchnorm)
        mlpbn__metadata_set_fields(header, prefix, batchnorm_fields,
                                   LENGTH(batchnorm_fields), layer->batchnorm);
}

void mlpbn__network_options_to_metadata(mlpbn__header_text *header,
                                        const mlpbn_network *network)
{
    char prefix[MLPBN__KEY_SIZE];
    network_options o = {.options = {.inputs = network->inputs, .dtype = network->dtype},
                         .n_layers = network->n_layers};
    mlpbn__metadata_set_fields(header, "mlpbn.", network_fields, LENGTH(network_fields),
                               &o);
    for (size_t l = 0; l < network->n_layers; l++)
        set_layer(header, layer_prefix(prefix, l), &network->layers[l].options);
}

mlpbn_status mlpbn__network_options_from_metadata(const mlpbn__header *header,
                                                  mlpbn_network_options *options,
                                                  size_t *n_layers)
{
    network_options o = {.options = MLPBN_NETWORK_OPTIONS_INIT(0)};
    RETURN_IF_ERROR(mlpbn__metadata_get_fields(header, "mlpbn.", network_fields,
                                               LENGTH(network_fields), &o));
    *options = o.options;
    *n_layers = o.n_layers;
    return MLPBN_OK;
}

mlpbn_status mlpbn__layer_options_from_metadata(const mlpbn__header *header, size_t index,
                                                mlpbn_layer_options *layer,
                                                mlpbn_batchnorm_options *batchnorm)
{
    static const mlpbn_layer_options layer_defaults =
        MLPBN_LAYER_OPTIONS_INIT(0, MLPBN_RELU);
    static const mlpbn_batchnorm_options batchnorm_defaults =
        MLPBN_BATCHNORM_OPTIONS_INIT;
    char prefix[MLPBN__KEY_SIZE];
    int has_batchnorm = 0;
    layer_prefix(prefix, index);
    *layer = layer_defaults;
    *batchnorm = batchnorm_defaults;
    layer->init = MLPBN_INIT_ZEROS;
    RETURN_IF_ERROR(mlpbn__metadata_get_fields(header, prefix, layer_fields,
                                               LENGTH(layer_fields), layer));
    RETURN_IF_ERROR(mlpbn__metadata_get_fields(header, prefix, &has_batchnorm_field, 1,
                                               &has_batchnorm));
    if (!has_batchnorm)
        return MLPBN_OK;
    layer->batchnorm = batchnorm;
    return mlpbn__metadata_get_fields(header, prefix, batchnorm_fields,
                                      LENGTH(batchnorm_fields), batchnorm);
}

/* --- State ------------------------------------------------------------------------------ */

static void set_state(mlpbn__header_text *header, const mlpbn_network *network)
{
    char prefix[MLPBN__KEY_SIZE];
    mlpbn__metadata_set_fields(header, "mlpbn.", &steps_field, 1, &network->steps);
    for (size_t l = 0; l < network->n_layers; l++) {
        const mlpbn_batchnorm *batchnorm = &network->layers[l].batchnorm;
        mlpbn__batchnorm_state state = {batchnorm->is_initial, batchnorm->frozen};
        if (network->layers[l].options.batchnorm)
            mlpbn__metadata_set_fields(header, layer_prefix(prefix, l), state_fields,
                                       LENGTH(state_fields), &state);
    }
}

mlpbn_status mlpbn__network_state_from_metadata(const mlpbn__header *header,
                                                mlpbn__network_state *state,
                                                const mlpbn_network *network)
{
    char prefix[MLPBN__KEY_SIZE];
    state->batchnorms = calloc(network->n_layers, sizeof *state->batchnorms);
    if (!state->batchnorms)
        return mlpbn__fail(MLPBN_ENOMEM, "no memory for the state of %zu layers",
                           network->n_layers);
    RETURN_IF_ERROR(
        mlpbn__metadata_get_fields(header, "mlpbn.", &steps_field, 1, &state->steps));
    for (size_t l = 0; l < network->n_layers; l++)
        if (network->layers[l].options.batchnorm)
            RETURN_IF_ERROR(mlpbn__metadata_get_fields(header, layer_prefix(prefix, l),
                                                       state_fields, LENGTH(state_fields),
                                                       state->batchnorms + l));
    return MLPBN_OK;
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

/* --- Everything ------------------------------------------------------------------------- */

mlpbn_status mlpbn__network_to_metadata(mlpbn__header_text *header,
                                        const mlpbn__network_entries *list,
                                        const mlpbn_network *network)
{
    mlpbn__network_options_to_metadata(header, network);
    set_state(header, network);
    return mlpbn__standardization_to_metadata(header, list, network);
}
