/* The options of a loss: defaults and ranges. */
#include "api/options.h"

#include "api/check.h"
#include "base/array.h"
#include "base/dtype.h"
#include "model/activation_table.h"
#include "nn/labels.h"

#include <math.h>

static const mlpbn_loss_options loss_defaults = MLPBN_LOSS_OPTIONS_INIT;
DEFINE_INIT(mlpbn_loss_options, mlpbn_loss_options_init, loss_defaults)

static const mlpbn_metrics metrics_defaults = MLPBN_METRICS_INIT;
DEFINE_INIT(mlpbn_metrics, mlpbn_metrics_init, metrics_defaults)

static mlpbn_status check_reduction(const mlpbn_loss_options *options)
{
    if (options->reduction >= MLPBN_REDUCTION_WEIGHTED_MEAN &&
        options->reduction < MLPBN__REDUCTION_END)
        return MLPBN_OK;
    return mlpbn__fail(
        MLPBN_EINVAL,
        "loss options: expected a reduction of mlpbn_reduction (mlpbn/loss.h), got %d",
        (int)options->reduction);
}

/* Label smoothing and ignored labels. */
static mlpbn_status check_label_options(const mlpbn_loss_options *options)
{
    if (!(options->label_smoothing >= 0 && options->label_smoothing <= 1))
        return mlpbn__fail(MLPBN_EINVAL,
                           "label_smoothing: expected one in [0, 1], got %g",
                           options->label_smoothing);
    if (mlpbn__losses[options->loss].needs_labels)
        return MLPBN_OK;
    if (options->label_smoothing > 0)
        return mlpbn__fail(
            MLPBN_EINVAL, "label_smoothing: expected 0 for a loss without labels, got %g",
            options->label_smoothing);
    if (options->ignore_label != MLPBN_NO_IGNORE_LABEL)
        return mlpbn__fail(
            MLPBN_EINVAL,
            "ignore_label: it has no effect with a loss without labels, got "
            "%ld: leave it at MLPBN_NO_IGNORE_LABEL",
            (long)options->ignore_label);
    return MLPBN_OK;
}

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

/* A loss with softmax or sigmoid takes logits, or the outputs of that same activation. Those of
 * another one that ends in [0, 1] would be squashed twice. */
static mlpbn_status check_outputs(mlpbn_loss loss, const mlpbn_network *network)
{
    const mlpbn_layer *last = network->layers + network->n_layers - 1;
    mlpbn_activation fused = mlpbn__losses[loss].fused_activation;
    const mlpbn__activation_traits *activation =
        mlpbn__activations + last->options.activation;
    if (!fused)
        return MLPBN_OK;
    if (fused == MLPBN_SOFTMAX && last->options.units == 1)
        return mlpbn__fail(
            MLPBN_EINVAL, "loss: expected 2 outputs or more for a softmax cross-entropy, "
                          "got 1, whose softmax is always 1: use 2 outputs, or "
                          "MLPBN_SIGMOID_CROSS_ENTROPY with targets 0 and 1");
    if (activation->is_probability && last->options.activation != fused &&
        !last->batchnorm.options.after_activation)
        return mlpbn__fail(
            MLPBN_EINVAL,
            "loss: it contains %s, but the last layer ends with %s: end it "
            "with MLPBN_IDENTITY or MLPBN_%s, or use another loss",
            mlpbn__activations[fused].name, activation->name,
            fused == MLPBN_SOFTMAX ? "SOFTMAX" : "SIGMOID");
    return MLPBN_OK;
}

static int is_weight(double x)
{
    return x >= 0 && isfinite(x);
}

static int is_quantile(double x)
{
    return x > 0 && x < 1;
}

/* An array with a number for each output, which only some losses use. */
typedef struct output_option {
    const char *name;
    const double *values; /* [n] */
    size_t n;
    int has_effect;    /* the loss uses it */
    const char *users; /* the losses that do */
    int (*is_valid)(double x);
    const char *range; /* of what is valid */
} output_option;

static mlpbn_status check_output_option(const output_option *option, size_t outputs)
{
    if (!option->values && option->n == 0)
        return MLPBN_OK;
    if (!option->values)
        return mlpbn__fail(MLPBN_EINVAL,
                           "%s: expected an array of n_%s = %zu, or n_%s 0, got NULL",
                           option->name, option->name, option->n, option->name);
    if (!option->has_effect)
        return mlpbn__fail(MLPBN_EINVAL,
                           "%s: they have no effect with this loss: expected NULL (%s)",
                           option->name, option->users);
    if (option->n != outputs)
        return mlpbn__fail(MLPBN_ESHAPE,
                           "%s: expected %zu, the network's outputs, got %zu",
                           option->name, outputs, option->n);
    for (size_t k = 0; k < outputs; k++)
        if (!option->is_valid(option->values[k]))
            return mlpbn__fail(MLPBN_EINVAL, "%s[%zu]: expected %s, got %g", option->name,
                               k, option->range, option->values[k]);
    return MLPBN_OK;
}

static mlpbn_status check_output_options(const mlpbn_loss_options *options,
                                         size_t outputs)
{
    static const char weight[] = "a finite number of at least 0";
    const mlpbn__loss_traits *loss = mlpbn__losses + options->loss;
    const output_option arrays[] = {
        {"class_weights", options->class_weights, options->n_class_weights,
         loss->has_classes, "cross-entropies use them", is_weight, weight},
        {"pos_weights", options->pos_weights, options->n_pos_weights, loss->has_positives,
         "MLPBN_SIGMOID_CROSS_ENTROPY uses them", is_weight, weight},
        {"quantiles", options->quantiles, options->n_quantiles, loss->has_quantiles,
         "MLPBN_PINBALL uses them", is_quantile, "a number in (0, 1)"}};
    for (size_t i = 0; i < MLPBN__LENGTH(arrays); i++)
        RETURN_IF_ERROR(check_output_option(arrays + i, outputs));
    return MLPBN_OK;
}

static mlpbn_status check_quantile(const mlpbn_loss_options *options)
{
    if (!is_quantile(options->quantile))
        return mlpbn__fail(MLPBN_EINVAL, "quantile: expected a number in (0, 1), got %g",
                           options->quantile);
    if ((options->quantiles || !mlpbn__losses[options->loss].has_quantiles) &&
        options->quantile != loss_defaults.quantile)
        return mlpbn__fail(MLPBN_EINVAL,
                           "quantile: it has no effect with this loss or with quantiles, "
                           "got %g: leave it "
                           "at its default (MLPBN_PINBALL uses it)",
                           options->quantile);
    return MLPBN_OK;
}

static mlpbn_status check_huber_delta(const mlpbn_loss_options *options)
{
    if (!(options->huber_delta > 0 && isfinite(options->huber_delta)))
        return mlpbn__fail(MLPBN_EINVAL,
                           "huber_delta: expected a finite number above 0, got %g",
                           options->huber_delta);
    if (options->loss != MLPBN_HUBER && options->huber_delta != loss_defaults.huber_delta)
        return mlpbn__fail(
            MLPBN_EINVAL,
            "huber_delta: it has no effect with this loss, got %g: leave it "
            "at its default (MLPBN_HUBER uses it)",
            options->huber_delta);
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
    RETURN_IF_ERROR(check_label_options(options));
    RETURN_IF_ERROR(check_reduction(options));
    RETURN_IF_ERROR(check_huber_delta(options));
    RETURN_IF_ERROR(check_quantile(options));
    RETURN_IF_ERROR(check_outputs(options->loss, network));
    RETURN_IF_ERROR(check_output_options(options, outputs));
    return check_penalty(options, network->dtype);
}
