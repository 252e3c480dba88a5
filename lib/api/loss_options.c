/* The options of a loss: defaults and ranges. */
#include "api/options.h"

#include "api/check.h"
#include "base/dtype.h"
#include "nn/labels.h"

#include <math.h>

static const mlpbn_loss_options loss_defaults = MLPBN_LOSS_OPTIONS_INIT;
DEFINE_INIT(mlpbn_loss_options, mlpbn_loss_options_init, loss_defaults)

static const mlpbn_metrics metrics_defaults = MLPBN_METRICS_INIT;
DEFINE_INIT(mlpbn_metrics, mlpbn_metrics_init, metrics_defaults)

static mlpbn_status check_penalty(const mlpbn_loss_options *options, mlpbn_dtype dtype)
{
    if (options->penalty != MLPBN_L2_SUM && options->penalty != MLPBN_L2_HALF_SUM)
        return mlpbn__fail(MLPBN_EINVAL,
                           "loss options: expected penalty MLPBN_L2_SUM or "
                           "MLPBN_L2_HALF_SUM, got %d",
                           (int)options->penalty);
    if (!(options->lambda >= 0 && isfinite(mlpbn__round(dtype, 2 * options->lambda))))
        return mlpbn__fail(
            MLPBN_EINVAL,
            "lambda: expected a number of at least 0 for which 2 lambda is finite in "
            "the network's dtype, got %g",
            options->lambda);
    if (options->lambda > 0 && options->penalty_kinds == 0)
        return mlpbn__fail(MLPBN_EINVAL,
                           "penalty_kinds: expected at least one bit, such as "
                           "MLPBN_KIND_BIT(MLPBN_WEIGHT), or lambda 0");
    return mlpbn__check_parameter_kinds(options->penalty_kinds, "penalty_kinds");
}

static mlpbn_status check_class_weights(const mlpbn_loss_options *options, size_t outputs)
{
    if (!options->class_weights)
        return MLPBN_OK;
    if (!mlpbn__losses[options->loss].has_classes)
        return mlpbn__fail(MLPBN_EINVAL,
                           "class_weights: expected NULL for a loss without classes");
    if (options->n_class_weights != outputs)
        return mlpbn__fail(MLPBN_ESHAPE,
                           "class_weights: expected %zu, the network's outputs, got %zu",
                           outputs, options->n_class_weights);
    for (size_t k = 0; k < outputs; k++)
        if (!(options->class_weights[k] >= 0 && isfinite(options->class_weights[k])))
            return mlpbn__fail(MLPBN_EINVAL,
                               "class_weights[%zu]: expected a finite number of at least "
                               "0, got %g",
                               k, options->class_weights[k]);
    return MLPBN_OK;
}

mlpbn_status mlpbn__read_loss_options(mlpbn_loss_options *options,
                                      const mlpbn_loss_options *caller,
                                      const mlpbn_network *network)
{
    size_t outputs = mlpbn__network_outputs(network);
    *options = loss_defaults;
    RETURN_IF_ERROR(READ_OVER_DEFAULTS(options, caller, mlpbn_loss_options));
    if (options->loss < MLPBN_SOFTMAX_CROSS_ENTROPY || options->loss >= MLPBN__LOSS_END)
        return mlpbn__fail(
            MLPBN_EINVAL,
            "loss options: expected a loss of mlpbn_loss (mlpbn/loss.h), got %d",
            (int)options->loss);
    if (!(options->label_smoothing >= 0 && options->label_smoothing <= 1))
        return mlpbn__fail(MLPBN_EINVAL,
                           "label_smoothing: expected one in [0, 1], got %g",
                           options->label_smoothing);
    if (options->label_smoothing > 0 && !mlpbn__losses[options->loss].needs_labels)
        return mlpbn__fail(
            MLPBN_EINVAL, "label_smoothing: expected 0 for a loss without labels, got %g",
            options->label_smoothing);
    if (!(options->huber_delta > 0 && isfinite(options->huber_delta)))
        return mlpbn__fail(MLPBN_EINVAL,
                           "huber_delta: expected a finite number above 0, got %g",
                           options->huber_delta);
    RETURN_IF_ERROR(check_class_weights(options, outputs));
    return check_penalty(options, network->dtype);
}
