/* The functions of mlpbn/optimizer.h. */
#include "api/check.h"
#include "api/options.h"
#include "nn/optimizer.h"

#include <mlpbn/optimizer.h>

mlpbn_status mlpbn_optimizer_create(mlpbn_optimizer **optimizer,
                                    const mlpbn_network *network,
                                    const mlpbn_optimizer_options *options)
{
    mlpbn_optimizer_options checked;
    RETURN_IF_ERROR(MLPBN__CHECK_POINTER(optimizer));
    RETURN_IF_ERROR(MLPBN__CHECK_POINTER(network));
    RETURN_IF_ERROR(mlpbn__read_optimizer_options(&checked, options, network->dtype));
    return mlpbn__optimizer_new(optimizer, network, &checked);
}

void mlpbn_optimizer_destroy(mlpbn_optimizer *optimizer)
{
    mlpbn__memory_free(optimizer);
}

mlpbn_status mlpbn_optimizer_set_learning_rate(mlpbn_optimizer *optimizer, double rate)
{
    RETURN_IF_ERROR(MLPBN__CHECK_POINTER(optimizer));
    RETURN_IF_ERROR(mlpbn__check_at_least(rate, 0, "rate"));
    optimizer->options.learning_rate = rate;
    return MLPBN_OK;
}

double mlpbn_optimizer_learning_rate(const mlpbn_optimizer *optimizer)
{
    return optimizer->options.learning_rate;
}
