#include "nn/labels.h"

#include "base/array.h"
#include "base/dtype.h"
#include "base/error.h"

#include <math.h>

const mlpbn__loss_traits mlpbn__losses[] = {
    [MLPBN_SOFTMAX_CROSS_ENTROPY] = {.needs_labels = 1,
                                     .has_classes = 1,
                                     .fused_activation = MLPBN_SOFTMAX},
    [MLPBN_MEAN_SQUARED_ERROR] = {0},
    [MLPBN_SOFT_CROSS_ENTROPY] = {.has_classes = 1,
                                  .needs_probabilities = 1,
                                  .fused_activation = MLPBN_SOFTMAX},
    [MLPBN_SIGMOID_CROSS_ENTROPY] = {.has_classes = 1,
                                     .has_positives = 1,
                                     .needs_probabilities = 1,
                                     .fused_activation = MLPBN_SIGMOID},
    [MLPBN_MEAN_ABSOLUTE_ERROR] = {.has_kink = 1},
    [MLPBN_HUBER] = {.has_kink = 1},
    [MLPBN_PINBALL] = {.has_quantiles = 1, .has_kink = 1},
};

MLPBN__ASSERT_ROWS(mlpbn__losses, MLPBN__LOSS_END);

/* The label of a row that is ignored; its weight is 0. */
enum { IGNORED = -1 };

static mlpbn_status read_labels(const mlpbn__batch *batch, size_t outputs,
                                int32_t ignore_label, int32_t *labels)
{
    if (!batch->rows.labels)
        return mlpbn__fail(MLPBN_EINVAL,
                           "rows: softmax cross-entropy, the default loss, needs labels, "
                           "got NULL");
    for (size_t i = 0; i < batch->n; i++) {
        size_t row = mlpbn__batch_row(batch, i);
        int32_t label = batch->rows.labels[row];
        if (label == ignore_label && ignore_label != MLPBN_NO_IGNORE_LABEL) {
            labels[i] = IGNORED;
            continue;
        }
        if (label < 0 || (size_t)label >= outputs)
            return mlpbn__fail(MLPBN_ELABEL,
                               "rows: expected labels in [0, %zu), got labels[%zu] = %d",
                               outputs, row, (int)label);
        labels[i] = label;
    }
    return MLPBN_OK;
}

static mlpbn_status check_target(double target, mlpbn_dtype dtype, int is_probability,
                                 size_t row, size_t k)
{
    if (!isfinite(mlpbn__round(dtype, target)))
        return mlpbn__fail(MLPBN_ENONFINITE,
                           "rows: expected targets that are finite as %s, got "
                           "targets[%zu][%zu] = %g",
                           mlpbn__dtype_name(dtype), row, k, target);
    if (is_probability && !(target >= 0 && target <= 1))
        return mlpbn__fail(
            MLPBN_EINVAL,
            "rows: this loss needs targets in [0, 1], got targets[%zu][%zu] = %g", row, k,
            target);
    return MLPBN_OK;
}

/* Copies the targets to ws->targets, feature-major: [outputs][n]. */
static mlpbn_status read_targets(const mlpbn__pass *pass, const mlpbn__batch *batch,
                                 int are_probabilities)
{
    const mlpbn_rows *rows = &batch->rows;
    mlpbn_workspace *ws = pass->ws;
    size_t outputs = mlpbn__network_outputs(pass->network);
    if (!rows->targets)
        return mlpbn__fail(MLPBN_EINVAL, "rows: this loss needs targets, got NULL");
    if (rows->target_columns != outputs)
        return mlpbn__fail(
            MLPBN_ESHAPE,
            "rows: expected target_columns = %zu, the network's outputs, got %zu",
            outputs, rows->target_columns);
    for (size_t i = 0; i < batch->n; i++) {
        size_t row = mlpbn__batch_row(batch, i);
        for (size_t k = 0; k < outputs; k++) {
            double target = mlpbn__load(rows->target_dtype, rows->targets,
                                        row * rows->target_stride + k);
            RETURN_IF_ERROR(check_target(target, ws->dtype, are_probabilities, row, k));
            mlpbn__store(ws->dtype, ws->targets, k * pass->ld + i, target);
        }
    }
    return MLPBN_OK;
}

/* The exponent e with which |x| 2^-e is in [1/2, 1). */
static int exponent_of(double x)
{
    int exponent;
    frexp(x, &exponent);
    return exponent;
}

/* Multiplies weights by 2^exponent, also where that is not a normal number. */
static void scale_weights(double *weights, size_t n, int exponent)
{
    double factor = ldexp(1, exponent);
    int is_normal = isnormal(factor);
    for (size_t i = 0; i < n; i++)
        weights[i] = is_normal ? factor * weights[i] : ldexp(weights[i], exponent);
}

/* Copies the rows' weights, divided by a power of 2 so that none is above 1. Returns its exponent,
 * and adds the rows that are not ignored to *rows. labels may be NULL. */
static mlpbn_status copy_weights(const mlpbn__batch *batch, const int32_t *labels,
                                 double *weights, int *exponent, size_t *rows)
{
    double max = 0;
    *rows += batch->n;
    for (size_t i = 0; i < batch->n; i++) {
        size_t row = mlpbn__batch_row(batch, i);
        double weight = batch->rows.weights ? batch->rows.weights[row] : 1;
        if (!(weight >= 0 && isfinite(weight)))
            return mlpbn__fail(MLPBN_EINVAL,
                               "rows: expected finite weights of at least 0, got "
                               "weights[%zu] = %g",
                               row, weight);
        if (labels && labels[i] == IGNORED) {
            weight = 0;
            --*rows;
        }
        weights[i] = weight;
        max = fmax(max, weight);
    }
    *exponent = exponent_of(max);
    scale_weights(weights, batch->n, -*exponent);
    return MLPBN_OK;
}

/* Adds up what a weighted mean is divided by: the weight of each row times that of its class. */
static double sum_of_weights(const mlpbn_workspace *ws, size_t n,
                             const mlpbn_loss_options *loss)
{
    int by_label = loss->class_weights && mlpbn__losses[loss->loss].needs_labels;
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += by_label && ws->labels[i] != IGNORED
                   ? ws->weights[i] * loss->class_weights[ws->labels[i]]
                   : ws->weights[i];
    return sum;
}

/* Reads the weights, brings them and *sums to a scale at which the sum of all is at most 1, and adds
 * them. Powers of 2 are exact. */
static mlpbn_status read_weights(const mlpbn__batch *batch, mlpbn_workspace *ws,
                                 const mlpbn_loss_options *loss, mlpbn__loss_sums *sums)
{
    int exponent = 0, shift = 0;
    int has_labels = mlpbn__losses[loss->loss].needs_labels;
    RETURN_IF_ERROR(copy_weights(batch, has_labels ? ws->labels : NULL, ws->weights,
                                 &exponent, &sums->rows));
    double sum = sum_of_weights(ws, batch->n, loss);
    int needed = sum > 0 ? exponent + exponent_of(sum) + 1 : sums->exponent;
    if (sums->weight > 0 || sums->loss != 0) {
        int sum_needed = sums->exponent + exponent_of(sums->weight) + 1;
        needed = needed > sum_needed ? needed : sum_needed;
        needed = needed > sums->exponent ? needed : sums->exponent;
        shift = sums->exponent - needed;
    }
    sums->loss = ldexp(sums->loss, shift);
    sums->weight = ldexp(sums->weight, shift);
    sums->exponent = needed;
    scale_weights(ws->weights, batch->n, exponent - needed);
    sums->weight += ldexp(sum, exponent - needed);
    return MLPBN_OK;
}

mlpbn_status mlpbn__read_labels(mlpbn__pass *pass, const mlpbn__batch *batch,
                                const mlpbn_loss_options *loss, mlpbn__loss_sums *sums)
{
    const mlpbn__loss_traits *traits = mlpbn__losses + loss->loss;
    const mlpbn_layer *last = pass->network->layers + pass->network->n_layers - 1;
    pass->fuses_activation = last->options.activation == traits->fused_activation &&
                             !last->batchnorm.options.after_activation;
    RETURN_IF_ERROR(traits->needs_labels
                        ? read_labels(batch, last->options.units, loss->ignore_label,
                                      pass->ws->labels)
                        : read_targets(pass, batch, traits->needs_probabilities));
    return read_weights(batch, pass->ws, loss, sums);
}
