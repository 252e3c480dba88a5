/* Reads nodes that scale and shift: standardization before the first layer, and batchnorm. */
#include "base/error.h"
#include "io/onnx/onnx_cursor.h"

#include <math.h>

/* --- Standardization: (x - mean) / std ---------------------------------------------------- */

/* Appends x <- (x - center) / scale to the standardization of column j. */
static mlpbn_status compose(mlpbn__onnx_cursor *c, size_t j, double center, double scale)
{
    double *mean = c->network->mean + j, *std = c->network->std + j;
    *mean += center * *std;
    *std *= scale;
    if (!isfinite(*mean) || !isfinite(*std))
        return mlpbn__onnx_fail(MLPBN_ENONFINITE, mlpbn__cursor_node(c),
                                "its numbers, or what they come to, are not finite");
    if (*std <= 0)
        return mlpbn__onnx_unsupported(mlpbn__cursor_node(c),
                                       "expected scales above 0 before the first layer");
    return MLPBN_OK;
}

mlpbn_status mlpbn__read_scaling(mlpbn__onnx_cursor *c)
{
    const mlpbn__onnx_node *node = mlpbn__cursor_node(c);
    int is_sub = mlpbn__bytes_equal_text(&node->op, "Sub");
    int is_mul = mlpbn__bytes_equal_text(&node->op, "Mul");
    size_t constant = is_mul && mlpbn__input_is_current_value(c, node, 1) ? 0 : 1;
    const mlpbn__onnx_tensor *tensor = mlpbn__cursor_constant(c, node, constant);
    if (!mlpbn__input_is_current_value(c, node, 1 - constant) || !tensor ||
        !mlpbn__onnx_broadcasts(tensor, c->network->inputs))
        return mlpbn__onnx_unsupported(
            node, "expected the input and a constant for each column");
    for (size_t j = 0; j < c->network->inputs; j++) {
        double value = mlpbn__onnx_element(tensor, tensor->n == 1 ? 0 : j);
        double center = is_sub ? value : 0;
        double scale = is_sub ? 1 : is_mul ? 1 / value : value;
        RETURN_IF_ERROR(compose(c, j, center, scale));
    }
    c->network->standardized = 1;
    mlpbn__cursor_advance(c, 1);
    return MLPBN_OK;
}

/* Appends (x - mean) gamma / sqrt(var + eps) + beta to the standardization. */
static mlpbn_status compose_batchnorm(mlpbn__onnx_cursor *c,
                                      const mlpbn__onnx_batchnorm *b)
{
    for (size_t j = 0; j < c->network->inputs; j++) {
        double gamma = mlpbn__onnx_element(b->tensors[0], j);
        double beta = mlpbn__onnx_element(b->tensors[1], j);
        double mean = mlpbn__onnx_element(b->tensors[2], j);
        double var = mlpbn__onnx_element(b->tensors[3], j);
        double scale = sqrt(var + b->eps) / gamma;
        RETURN_IF_ERROR(compose(c, j, mean - beta * scale, scale));
    }
    c->network->standardized = 1;
    return MLPBN_OK;
}

/* --- Batchnorm -------------------------------------------------------------------------- */

/* In training mode, BatchNormalization normalizes by batch statistics. From opset 14 on,
 * training_mode is 1 then; before, the node has outputs of statistics besides Y. In prediction
 * mode it has Y alone, in every opset. */
static mlpbn_status check_prediction_mode(const mlpbn__onnx_node *node,
                                          const mlpbn__onnx_cursor *c)
{
    double training = 0;
    RETURN_IF_ERROR(mlpbn__cursor_attribute(&training, c, "training_mode"));
    if (training == 0 && node->n_outputs <= 1)
        return MLPBN_OK;
    return mlpbn__onnx_unsupported(
        node,
        "it is in training mode (training_mode 1, or outputs of statistics): export "
        "the model in evaluation mode (PyTorch: model.eval())");
}

static mlpbn_status parse_batchnorm(mlpbn__onnx_batchnorm *b, const mlpbn__onnx_cursor *c,
                                    uint64_t units)
{
    const mlpbn__onnx_node *node = mlpbn__cursor_node(c);
    *b = (mlpbn__onnx_batchnorm){.eps = (double)1e-5F, .decay = (double)0.9F};
    RETURN_IF_ERROR(mlpbn__cursor_attribute(&b->eps, c, "epsilon"));
    RETURN_IF_ERROR(mlpbn__cursor_attribute(&b->decay, c, "momentum"));
    RETURN_IF_ERROR(check_prediction_mode(node, c));
    if (!mlpbn__input_is_current_value(c, node, 0))
        return mlpbn__onnx_unsupported(node,
                                       "expected one of the output of the node before");
    for (size_t i = 0; i < 4; i++) {
        b->tensors[i] = mlpbn__cursor_constant(c, node, i + 1);
        if (!b->tensors[i] || b->tensors[i]->n_dims != 1 || b->tensors[i]->n != units)
            return mlpbn__onnx_unsupported(
                node, "expected a constant for each unit, four times");
    }
    if (!mlpbn__eps_fits(b->eps, c->graph->dtype) || !(b->decay >= 0 && b->decay <= 1))
        return mlpbn__onnx_unsupported(node,
                                       "expected epsilon above 0 and momentum in [0, 1]");
    return MLPBN_OK;
}

mlpbn_status mlpbn__read_batchnorm(mlpbn__onnx_cursor *c)
{
    mlpbn__onnx_layer *layer = mlpbn__cursor_last_layer(c);
    mlpbn__onnx_batchnorm b;
    RETURN_IF_ERROR(parse_batchnorm(&b, c, layer ? layer->units : c->network->inputs));
    if (!layer) {
        RETURN_IF_ERROR(compose_batchnorm(c, &b));
    } else if (layer->batchnorm.tensors[0] || layer->activation == MLPBN_SOFTMAX) {
        return mlpbn__onnx_unsupported(
            mlpbn__cursor_node(c), "a layer has one batchnorm, and none after softmax");
    } else {
        layer->batchnorm = b;
        layer->after_activation = layer->has_activation;
    }
    mlpbn__cursor_advance(c, 1);
    return MLPBN_OK;
}
