#include "nn/classify.h"

#include "base/dtype.h"
#include "base/error.h"
#include "base/memory.h"
#include "model/activation_table.h"
#include "nn/typed_ops.h"

#include <math.h>

/* How outputs tell classes. */
typedef struct class_outputs {
    mlpbn_dtype dtype;
    const void *y;  /* [n][outputs] */
    size_t outputs; /* 1: of two classes, that of class 1 */
    int are_logits; /* otherwise they are probabilities */
} class_outputs;

static mlpbn_status check_outputs(const mlpbn_network *network, int *are_logits)
{
    const mlpbn_layer *last = network->layers + network->n_layers - 1;
    mlpbn_activation activation = last->options.activation;
    size_t outputs = last->options.units;
    *are_logits =
        activation == MLPBN_IDENTITY || last->batchnorm.options.after_activation;
    if (*are_logits || (activation == MLPBN_SOFTMAX && outputs > 1) ||
        (activation == MLPBN_SIGMOID && outputs == 1))
        return MLPBN_OK;
    return mlpbn__fail(
        MLPBN_EINVAL,
        "classify: expected a last layer of identity (logits), of softmax with "
        "2 outputs or more, or of sigmoid with 1 output, got %s with %zu",
        mlpbn__activations[activation].name, outputs);
}

static double output(const class_outputs *o, size_t row, size_t k)
{
    return mlpbn__load(o->dtype, o->y, row * o->outputs + k);
}

/* The first largest output; of a single one, whether class 1 is more likely than class 0. */
static int32_t label_of(const class_outputs *o, size_t row)
{
    if (o->outputs == 1)
        return output(o, row, 0) > (o->are_logits ? 0 : 0.5);
    size_t label = 0;
    for (size_t k = 1; k < o->outputs; k++)
        if (output(o, row, k) > output(o, row, label))
            label = k;
    return (int32_t)label;
}

/* p[2] of a single output y: s(y) = 1 / (1 + exp(-y)) for a logit. */
static void binary_probabilities(const class_outputs *o, size_t row, double *p)
{
    double y = output(o, row, 0);
    p[1] = o->are_logits ? 1 / (1 + exp(-y)) : y;
    p[0] = o->are_logits ? 1 / (1 + exp(y)) : 1 - y;
}

/* p[outputs]: softmax of logits. */
static void probabilities_of(const class_outputs *o, size_t row, double *p)
{
    double max = output(o, row, (size_t)label_of(o, row)), sum = 0;
    for (size_t k = 0; k < o->outputs; k++) {
        p[k] = o->are_logits ? exp(output(o, row, k) - max) : output(o, row, k);
        sum += p[k];
    }
    for (size_t k = 0; o->are_logits && k < o->outputs; k++)
        p[k] /= sum;
}

static void write_classes(const class_outputs *o, size_t n, int32_t *labels,
                          double *probabilities)
{
    for (size_t i = 0; i < n; i++)
        labels[i] = label_of(o, i);
    for (size_t i = 0; probabilities && i < n; i++)
        if (o->outputs == 1)
            binary_probabilities(o, i, probabilities + 2 * i);
        else
            probabilities_of(o, i, probabilities + o->outputs * i);
}

mlpbn_status mlpbn__classify(const mlpbn_network *network, mlpbn_workspace *workspace,
                             const mlpbn__batch *rows, int32_t *labels,
                             double *probabilities)
{
    class_outputs o = {.dtype = network->dtype,
                       .outputs = mlpbn__network_outputs(network)};
    RETURN_IF_ERROR(check_outputs(network, &o.are_logits));
    void *y = mlpbn__memory_new(mlpbn__multiply(
        rows->n, mlpbn__multiply(o.outputs, mlpbn__sizeof(network->dtype))));
    if (!y)
        return mlpbn__fail(MLPBN_ENOMEM, "no memory for the outputs of %zu rows",
                           rows->n);
    o.y = y;
    mlpbn_status status =
        mlpbn__typed_ops_of(network->dtype)->predict(network, workspace, rows, y);
    if (!status)
        write_classes(&o, rows->n, labels, probabilities);
    mlpbn__memory_free(y);
    return status;
}
