#include "nn/optimizer.h"

#include "base/array.h"
#include "base/dtype.h"
#include "base/error.h"

#include <math.h>

static mlpbn__bounds sgd_bounds(const mlpbn_optimizer_options *o, mlpbn__bounds b,
                                double max_abs)
{
    b.m = o->momentum * b.m + max_abs;
    b.change = o->momentum > 0 ? b.m + max_abs : max_abs;
    return b;
}

static mlpbn__bounds rmsprop_bounds(const mlpbn_optimizer_options *o, mlpbn__bounds b,
                                    double max_abs)
{
    b.v = fmax(b.v, max_abs * max_abs);
    b.m = o->momentum * b.m + max_abs / o->eps;
    b.change = b.m;
    return b;
}

static mlpbn__bounds adam_bounds(const mlpbn_optimizer_options *o, mlpbn__bounds b,
                                 double max_abs)
{
    b.v = fmax(b.v, max_abs * max_abs);
    b.m = fmax(b.m, max_abs);
    b.change = b.m / o->eps / (1 - o->beta1);
    return b;
}

const mlpbn__optimizer_traits mlpbn__optimizers[] = {
    [MLPBN_SGD] = {.uses_momentum = 1, .bounds = sgd_bounds},
    [MLPBN_RMSPROP] = {.uses_momentum = 1, .uses_v = 1, .bounds = rmsprop_bounds},
    [MLPBN_ADAM] = {.uses_m = 1, .uses_v = 1, .corrects_bias = 1, .bounds = adam_bounds},
    [MLPBN_ADAMW] = {.uses_m = 1,
                     .uses_v = 1,
                     .corrects_bias = 1,
                     .decays_weights = 1,
                     .bounds = adam_bounds},
};

MLPBN__ASSERT_ROWS(mlpbn__optimizers, MLPBN__OPTIMIZER_KIND_END);

static void lay_out(mlpbn__arena *arena, mlpbn_optimizer *o, const mlpbn_network *network)
{
    const mlpbn__optimizer_traits *traits = mlpbn__optimizers + o->options.kind;
    size_t element = mlpbn__sizeof(network->dtype);
    mlpbn__arena_alloc(arena, 1, sizeof *o);
    if (traits->uses_m || (traits->uses_momentum && o->options.momentum > 0))
        o->m = mlpbn__arena_alloc(arena, network->n_parameters, element);
    if (traits->uses_v)
        o->v = mlpbn__arena_alloc(arena, network->n_parameters, element);
}

mlpbn_status mlpbn__optimizer_new(mlpbn_optimizer **optimizer,
                                  const mlpbn_network *network,
                                  const mlpbn_optimizer_options *options)
{
    mlpbn_optimizer plan = {.network_id = network->id, .options = *options};
    mlpbn__arena arena = {0};
    lay_out(&arena, &plan, network);
    mlpbn_optimizer *created = mlpbn__memory_new(arena.used);
    if (!created)
        return mlpbn__fail(MLPBN_ENOMEM, "no memory for an optimizer of %zu bytes",
                           arena.used);
    *created = plan;
    arena = (mlpbn__arena){.base = (char *)created};
    lay_out(&arena, created, network);
    *optimizer = created;
    return MLPBN_OK;
}

static double max_abs(const mlpbn_network *network, const void *array)
{
    double max = 0;
    for (size_t i = 0; array && i < network->n_parameters; i++)
        max = fmax(max, fabs(mlpbn__load(network->dtype, array, i)));
    return max;
}

void mlpbn__optimizer_update_bounds(mlpbn_optimizer *optimizer,
                                    const mlpbn_network *network)
{
    optimizer->bounds = (mlpbn__bounds){.m = max_abs(network, optimizer->m),
                                        .v = max_abs(network, optimizer->v)};
}
