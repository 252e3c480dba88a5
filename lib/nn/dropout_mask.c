#include "nn/dropout_mask.h"

#include "base/random.h"
#include "kernel/kernels.h"

#include <math.h>

enum { DROPOUT_TASK_UNITS = 64 }; /* a multiple of 4 */

static void dropout_units(void *context, size_t begin, size_t end)
{
    R(select_kernels)()->dropout(context, begin, end);
}

void R(layer_dropout)(const mlpbn__pass *pass, const mlpbn_layer *layer, real *a)
{
    double p = layer->options.dropout, words = 0x1p32;
    uint32_t key[4];
    if (p == 0)
        return;
    mlpbn__philox(key, pass->ws->dropout_seed,
                  (uint64_t)MLPBN__STREAM_DROPOUT << 56 ^ layer->index,
                  pass->dropout_step);
    R(dropout_args) args = {.key = (uint64_t)key[1] << 32 | key[0],
                            .threshold = (uint32_t)fmin(p * words, words - 1),
                            .scale = (real)(1 / (1 - p)),
                            .n = pass->n,
                            .ld = pass->ld,
                            .y = a};
    mlpbn__parallel_blocks(pass->ws->pool, layer->options.units, DROPOUT_TASK_UNITS,
                           dropout_units, &args);
}
