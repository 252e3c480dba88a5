#include "nn/activation.h"

#include "base/error.h"
#include "base/random.h"
#include "kernel/kernels.h"

#include <math.h>

enum { UNITS_A_PIECE = 64 }; /* of dropout: a multiple of 4 */

static int is_part_of_loss(const mlpbn_layer *layer, const mlpbn_workspace *ws)
{
    return ws->to_logits && layer->index + 1 == ws->n_layers;
}

static int is_across_units(const mlpbn_layer *layer, const mlpbn_workspace *ws)
{
    return layer->options.activation == MLPBN_SOFTMAX && !is_part_of_loss(layer, ws);
}

static const R(activation) *unit_activation(const mlpbn_layer *layer,
                                            const mlpbn_workspace *ws)
{
    mlpbn_activation activation = layer->options.activation;
    if (activation == MLPBN_SOFTMAX || is_part_of_loss(layer, ws))
        activation = MLPBN_IDENTITY;
    return R(select_kernels)()->activations + activation;
}

int R(keeps_z)(mlpbn_activation activation)
{
    return activation != MLPBN_SOFTMAX &&
           R(select_kernels)()->activations[activation].takes_input;
}

R(numbers) R(numbers_of)(const mlpbn_layer *layer)
{
    R(numbers) numbers = {.bias = mlpbn__layer_data(layer, MLPBN_BIAS)};
    if (layer->options.batchnorm)
        numbers = (R(numbers)){.bias = numbers.bias,
                               .gamma = mlpbn__layer_data(layer, MLPBN_GAMMA),
                               .beta = mlpbn__layer_data(layer, MLPBN_BETA),
                               .mean = mlpbn__layer_data(layer, MLPBN_RUNNING_MEAN),
                               .variance = mlpbn__layer_data(layer, MLPBN_RUNNING_VAR)};
    return numbers;
}

size_t R(group_units)(const mlpbn_workspace *ws)
{
    const size_t numbers = R(MOST_UNITS) *(64 / sizeof(real));
    int adjacent = ws->ld == R(padded)(ws->n);
    if (ws->ld == 1)
        return R(MOST_UNITS);
    return adjacent && ws->ld < numbers ? numbers / ws->ld : 1;
}

/* Numbers of a group, with the padding between rows. */
static size_t length(const mlpbn_workspace *ws, size_t units)
{
    return (units - 1) * ws->ld + ws->n;
}

mlpbn_status R(check_units)(const mlpbn_layer *layer, const mlpbn_workspace *ws,
                            size_t first, size_t units, const real *rows,
                            const char *when)
{
    const R(kernels) *kernels = R(select_kernels)();
    if (kernels->max_abs(length(ws, units), rows) <= REAL_MAX)
        return MLPBN_OK;
    size_t u = 0; /* the culprit: the last if no other is */
    while (u + 1 < units && kernels->max_abs(ws->n, rows + u * ws->ld) <= REAL_MAX)
        u++;
    return mlpbn__fail(MLPBN_ENONFINITE, "layer %zu: unit %zu is not finite %s",
                       layer->index, first + u, when);
}

/* Checked before, because ReLU would hide a minus infinity. */
mlpbn_status R(activate_units)(const mlpbn_layer *layer, const mlpbn_workspace *ws,
                               size_t first, size_t units, real *rows)
{
    const R(activation) *activation = unit_activation(layer, ws);
    mlpbn_status status =
        R(check_units)(layer, ws, first, units, rows, "before its activation");
    if (status)
        return status;
    activation->forward(length(ws, units), (real)layer->options.alpha, rows);
    return activation->grows
               ? R(check_units)(layer, ws, first, units, rows, "after its activation")
               : MLPBN_OK;
}

/* What the activation got in the forward pass. */
static real *input_again(const mlpbn_layer *layer, const mlpbn_workspace *ws, size_t unit)
{
    const R(numbers) numbers = R(numbers_of)(layer);
    const real *z = (const real *)ws->traces[layer->index].z + unit * ws->ld;
    const real *scale = NULL, *shift = numbers.bias;
    if (layer->options.batchnorm &&
        !layer->batchnorm.options.after_activation) { /* z is xhat */
        scale = numbers.gamma;
        shift = numbers.beta;
    }
    R(select_kernels)()->affine(1, ws->n, ws->ld, z, NULL, R(number_at)(scale, unit),
                                R(number_at)(shift, unit), ws->row);
    return ws->row;
}

void R(derive_unit)(const mlpbn_layer *layer, const mlpbn_workspace *ws, size_t unit,
                    real *d)
{
    const R(activation) *activation = unit_activation(layer, ws);
    const real *y = (const real *)ws->traces[layer->index].a + unit * ws->ld;
    real alpha = (real)layer->options.alpha;
    if (activation->takes_input || layer->batchnorm.options.after_activation ||
        layer->options.dropout > 0) {
        real *row = input_again(layer, ws, unit);
        if (!activation->takes_input) /* a is behind batchnorm or dropout: again, too */
            activation->forward(ws->n, alpha, row);
        y = row;
    }
    activation->backward(ws->n, alpha, y, d);
}

static void drop_block(void *context, size_t begin, size_t end)
{
    R(select_kernels)()->dropout(context, begin, end);
}

void R(drop)(const mlpbn_layer *layer, const mlpbn_workspace *ws, real *a)
{
    double chance = layer->options.dropout, words = 0x1p32;
    uint32_t key[4];
    if (chance == 0)
        return;
    mlpbn__philox(key, ws->dropout_seed,
                  (uint64_t)MLPBN__STREAM_DROPOUT << 56 ^ layer->index, ws->dropout_step);
    R(dropout_args) args = {.key = (uint64_t)key[1] << 32 | key[0],
                            .threshold = (uint32_t)fmin(chance * words, words - 1),
                            .scale = (real)(1 / (1 - chance)),
                            .n = ws->n,
                            .ld = ws->ld,
                            .y = a};
    mlpbn__parallel_blocks(ws->pool, layer->options.units, UNITS_A_PIECE, drop_block,
                           &args);
}

void R(activate_layer)(const mlpbn_layer *layer, const mlpbn_workspace *ws)
{
    if (is_across_units(layer, ws))
        R(select_kernels)()->softmax_forward(layer->options.units, ws->n, ws->ld,
                                             ws->traces[layer->index].a);
}

void R(derive_layer)(const mlpbn_layer *layer, const mlpbn_workspace *ws, real *d)
{
    if (is_across_units(layer, ws))
        R(select_kernels)()->softmax_backward(layer->options.units, ws->n, ws->ld,
                                              ws->traces[layer->index].a, d);
}
