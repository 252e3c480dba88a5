/* Nodes that are an activation. */
#include "base/error.h"
#include "io/onnx/onnx_activations.h"
#include "io/onnx/onnx_cursor.h"

#include <math.h>

static int is_operand(const mlpbn__onnx_cursor *c, const mlpbn__onnx_node *node,
                      size_t input, mlpbn__operand operand)
{
    mlpbn__bytes name = mlpbn__onnx_input(node, input);
    if (operand == MLPBN__NO_OPERAND)
        return name.n == 0;
    if (operand == MLPBN__X)
        return mlpbn__cursor_is_value(c, node, input);
    if (operand == MLPBN__PREV)
        return name.n > 0 && node > c->graph->nodes &&
               mlpbn__bytes_equal(name, node[-1].output);
    const mlpbn__onnx_tensor *tensor = mlpbn__cursor_constant(c, node, input);
    double value = mlpbn__constants[operand].value;
    return tensor && tensor->n == 1 &&
           fabs(mlpbn__onnx_element(tensor, 0) - value) <= 1e-6 * value;
}

static int matches_node(const mlpbn__onnx_cursor *c, const mlpbn__onnx_node *node,
                        const mlpbn__pattern_node *pattern)
{
    int commutes = mlpbn__bytes_equal_text(&node->op, "Add") ||
                   mlpbn__bytes_equal_text(&node->op, "Mul");
    return mlpbn__bytes_equal_text(&node->op, pattern->op) && node->domain.n == 0 &&
           ((is_operand(c, node, 0, pattern->a) && is_operand(c, node, 1, pattern->b)) ||
            (commutes && is_operand(c, node, 0, pattern->b) &&
             is_operand(c, node, 1, pattern->a)));
}

static int matches(const mlpbn__onnx_cursor *c, const mlpbn__op_pattern *pattern)
{
    size_t n = mlpbn__op_pattern_length(pattern);
    if (n > c->graph->n_nodes - c->next)
        return 0;
    for (size_t i = 0; i < n; i++)
        if (!matches_node(c, mlpbn__cursor_node(c) + i, pattern->nodes + i))
            return 0;
    return 1;
}

/* Returns the activation with the longest pattern that the next nodes match: SiLU begins
 * with a sigmoid. The identity: they match none. */
static mlpbn_activation find_activation(const mlpbn__onnx_cursor *c)
{
    mlpbn_activation found = MLPBN_IDENTITY;
    size_t longest = 0;
    for (int a = MLPBN_IDENTITY + 1; a < MLPBN__ACTIVATION_END; a++) {
        const mlpbn__op_pattern *pattern = mlpbn__op_pattern_of((mlpbn_activation)a);
        size_t n = mlpbn__op_pattern_length(pattern);
        if (n > longest && matches(c, pattern)) {
            found = (mlpbn_activation)a;
            longest = n;
        }
    }
    return found;
}

/* Checks the axis of a softmax and the constants of a SELU. */
static mlpbn_status check_attributes(const mlpbn__onnx_cursor *c,
                                     mlpbn_activation activation)
{
    const double selu_alpha = 1.6732632423543772848, selu_gamma = 1.0507009873554804934;
    double axis = -1, alpha = selu_alpha, gamma = selu_gamma;
    RETURN_IF_ERROR(mlpbn__cursor_attribute(&axis, c, "axis"));
    if (activation == MLPBN_SELU) {
        RETURN_IF_ERROR(mlpbn__cursor_attribute(&alpha, c, "alpha"));
        RETURN_IF_ERROR(mlpbn__cursor_attribute(&gamma, c, "gamma"));
    }
    if (activation == MLPBN_SOFTMAX && axis != -1 && axis != 1)
        return mlpbn__onnx_unsupported(mlpbn__cursor_node(c), "expected axis 1 or -1");
    if (!(fabs(alpha - selu_alpha) < 1e-5 && fabs(gamma - selu_gamma) < 1e-5))
        return mlpbn__onnx_unsupported(mlpbn__cursor_node(c),
                                       "expected alpha 1.6732... and gamma 1.0507...");
    return MLPBN_OK;
}

mlpbn_status mlpbn__read_activation(mlpbn__onnx_cursor *c)
{
    const mlpbn__onnx_node *node = mlpbn__cursor_node(c);
    mlpbn__onnx_layer *layer = mlpbn__cursor_last_layer(c);
    mlpbn_activation activation = find_activation(c);
    const mlpbn__op_pattern *pattern = mlpbn__op_pattern_of(activation);
    if (activation == MLPBN_IDENTITY)
        return mlpbn__onnx_unsupported(node,
                                       "not an operator, or not a use of it, that is "
                                       "supported (mlpbn/onnx.h)");
    if (!layer || layer->has_activation)
        return mlpbn__onnx_unsupported(node,
                                       "expected one activation after each product");
    RETURN_IF_ERROR(check_attributes(c, activation));
    layer->has_activation = 1;
    layer->activation = activation;
    layer->alpha = pattern->default_alpha;
    if (pattern->default_alpha > 0)
        RETURN_IF_ERROR(mlpbn__cursor_attribute(&layer->alpha, c, "alpha"));
    if (!(layer->alpha >= 0 && isfinite(layer->alpha)))
        return mlpbn__onnx_unsupported(node, "expected a finite alpha of at least 0");
    mlpbn__cursor_advance(c, mlpbn__op_pattern_length(pattern));
    return MLPBN_OK;
}
