#include "api/check.h"
#include "api/options.h"
#include "nn/optimizer.h"

#include <mlpbn/optimizer.h>

mlpbn_status mlpbn_optimizer_create(mlpbn_optimizer **optimizer,
                                    const mlpbn_network *network,
                                    const mlpbn_optimizer_options *options)
{
    mlpbn_optimizer_options ours;
    mlpbn_status status = MLPBN__CHECK_POINTER(optimizer);
    if (!status)
        status = MLPBN__CHECK_POINTER(network);
    if (!status)
        status = mlpbn__read_optimizer_options(&ours, options, network->dtype);
    return status ? status : mlpbn__optimizer_new(optimizer, network, &ours);
}

void mlpbn_optimizer_destroy(mlpbn_optimizer *optimizer)
{
    mlpbn__memory_free(optimizer);
}

mlpbn_status mlpbn_optimizer_set_learning_rate(mlpbn_optimizer *optimizer, double rate)
{
    mlpbn_status status = MLPBN__CHECK_POINTER(optimizer);
    if (!status)
        status = mlpbn__check_at_least(rate, 0, "rate");
    if (!status)
        optimizer->options.learning_rate = rate;
    return status;
}

double mlpbn_optimizer_learning_rate(const mlpbn_optimizer *optimizer)
{
    return optimizer->options.learning_rate;
}
