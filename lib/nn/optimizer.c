#include "nn/optimizer.h"

#include "base/dtype.h"
#include "base/error.h"

#include <math.h>

static void lay_out(mlpbn__arena *arena, mlpbn_optimizer *o, const mlpbn_network *network)
{
    mlpbn_optimizer_kind kind = o->options.kind;
    int is_adam = kind == MLPBN_ADAM || kind == MLPBN_ADAMW;
    size_t element = mlpbn__sizeof(network->dtype);
    mlpbn__arena_take(arena, 1, sizeof *o);
    if (is_adam || o->options.momentum > 0)
        o->first = mlpbn__arena_take(arena, network->n_parameters, element);
    if (is_adam || kind == MLPBN_RMSPROP)
        o->second = mlpbn__arena_take(arena, network->n_parameters, element);
}

mlpbn_status mlpbn__optimizer_new(mlpbn_optimizer **optimizer,
                                  const mlpbn_network *network,
                                  const mlpbn_optimizer_options *options)
{
    mlpbn_optimizer plan = {.network_id = network->id, .options = *options};
    mlpbn__arena arena = {0};
    lay_out(&arena, &plan, network);
    mlpbn_optimizer *made = mlpbn__memory_new(arena.used);
    if (!made)
        return mlpbn__fail(MLPBN_ENOMEM, "no memory for an optimizer of %zu bytes",
                           arena.used);
    *made = plan;
    arena = (mlpbn__arena){.base = (char *)made};
    lay_out(&arena, made, network);
    *optimizer = made;
    return MLPBN_OK;
}

static double largest(const mlpbn_network *network, const void *array)
{
    double most = 0;
    for (size_t i = 0; array && i < network->n_parameters; i++)
        most = fmax(most, fabs(mlpbn__load(network->dtype, array, i)));
    return most;
}

void mlpbn__optimizer_bound(mlpbn_optimizer *optimizer, const mlpbn_network *network)
{
    optimizer->bounds = (mlpbn__bounds){.first = largest(network, optimizer->first),
                                        .second = largest(network, optimizer->second)};
}
