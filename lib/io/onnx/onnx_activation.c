/* Recognizes activations, which may consist of several nodes. */
#include "base/error.h"
#include "io/onnx/onnx_cursor.h"
#include "model/activation_table.h"

#include <math.h>
#include <stdio.h>

/* Whether an input of the node is the operand. */
static int is_operand(const mlpbn__onnx_cursor *c, const mlpbn__onnx_node *node,
                      size_t input, mlpbn__operand operand)
{
    mlpbn__bytes name = mlpbn__onnx_input(node, input);
    if (operand == MLPBN__NO_OPERAND)
        return name.n == 0;
    if (operand == MLPBN__X)
        return mlpbn__input_is_current_value(c, node, input);
    if (operand == MLPBN__PREV)
        return name.n > 0 && node > c->graph->nodes &&
               mlpbn__bytes_equal(name, node[-1].output);
    const mlpbn__onnx_tensor *tensor = mlpbn__cursor_constant(c, node, input);
    double value = mlpbn__operand_value(operand);
    return tensor && tensor->n == 1 &&
           fabs(mlpbn__onnx_element(tensor, 0) - value) <= 1e-6 * value;
}

/* Whether the inputs of the node are these operands. swapped: the first two are exchanged. */
static int has_operands(const mlpbn__onnx_cursor *c, const mlpbn__onnx_node *node,
                        const mlpbn__operand *operands, int swapped)
{
    for (size_t i = 0; i < MLPBN__MAX_NODE_OPERANDS; i++)
        if (!is_operand(c, node, i, operands[swapped && i < 2 ? 1 - i : i]))
            return 0;
    return 1;
}

static int matches_node(const mlpbn__onnx_cursor *c, const mlpbn__onnx_node *node,
                        const mlpbn__op_node *pattern)
{
    int commutes = mlpbn__bytes_equal_text(&node->op, "Add") ||
                   mlpbn__bytes_equal_text(&node->op, "Mul");
    return mlpbn__bytes_equal_text(&node->op, pattern->op) && node->domain.n == 0 &&
           (has_operands(c, node, pattern->operands, 0) ||
            (commutes && has_operands(c, node, pattern->operands, 1)));
}

static int matches(const mlpbn__onnx_cursor *c, mlpbn_activation activation)
{
    size_t n = mlpbn__n_op_nodes(activation);
    if (n > c->graph->n_nodes - c->next)
        return 0;
    for (size_t i = 0; i < n; i++)
        if (!matches_node(c, mlpbn__cursor_node(c) + i,
                          mlpbn__activations[activation].onnx + i))
            return 0;
    return 1;
}

/* Returns the activation that the next nodes are; MLPBN_IDENTITY if they are none. If several
 * match, it is the one with the most nodes: SiLU, for one, begins with a sigmoid. */
static mlpbn_activation find_activation(const mlpbn__onnx_cursor *c)
{
    mlpbn_activation found = MLPBN_IDENTITY;
    for (int a = MLPBN_IDENTITY + 1; a < MLPBN__ACTIVATION_END; a++) {
        mlpbn_activation activation = (mlpbn_activation)a;
        if (mlpbn__n_op_nodes(activation) > mlpbn__n_op_nodes(found) &&
            matches(c, activation))
            found = activation;
    }
    return found;
}

/* Checks the attributes of the next node: those that the activation requires, and the axis of
 * a softmax. */
static mlpbn_status check_attributes(const mlpbn__onnx_cursor *c,
                                     const mlpbn__op_node *pattern)
{
    double axis = -1;
    RETURN_IF_ERROR(mlpbn__cursor_attribute(&axis, c, "axis"));
    if (axis != -1 && axis != 1)
        return mlpbn__onnx_unsupported(mlpbn__cursor_node(c), "expected axis 1 or -1");
    for (int i = 0; i < MLPBN__MAX_OP_ATTRIBUTES && pattern->attributes[i].name; i++) {
        const mlpbn__op_attribute *a = pattern->attributes + i;
        double value = a->onnx_default;
        RETURN_IF_ERROR(mlpbn__cursor_attribute(&value, c, a->name));
        if (!(fabs(value - a->value) < 1e-5)) {
            char reason[80];
            snprintf(reason, sizeof reason, "expected %s %.5g, got %.5g", a->name,
                     a->value, value);
            return mlpbn__onnx_unsupported(mlpbn__cursor_node(c), reason);
        }
    }
    return MLPBN_OK;
}

mlpbn_status mlpbn__read_activation(mlpbn__onnx_cursor *c)
{
    const mlpbn__onnx_node *node = mlpbn__cursor_node(c);
    mlpbn__onnx_layer *layer = mlpbn__cursor_last_layer(c);
    mlpbn_activation activation = find_activation(c);
    const mlpbn__activation_traits *traits = mlpbn__activations + activation;
    if (activation == MLPBN_IDENTITY)
        return mlpbn__onnx_unsupported(node,
                                       "not an operator, or not a use of it, that is "
                                       "supported (mlpbn/onnx.h)");
    if (!layer || layer->has_activation)
        return mlpbn__onnx_unsupported(node,
                                       "expected one activation after each product");
    RETURN_IF_ERROR(check_attributes(c, traits->onnx));
    layer->has_activation = 1;
    layer->activation = activation;
    layer->alpha = traits->default_alpha;
    if (traits->default_alpha > 0)
        RETURN_IF_ERROR(mlpbn__cursor_attribute(&layer->alpha, c, "alpha"));
    if (!(layer->alpha >= 0 && isfinite(layer->alpha)))
        return mlpbn__onnx_unsupported(node, "expected a finite alpha of at least 0");
    mlpbn__cursor_advance(c, mlpbn__n_op_nodes(activation));
    return MLPBN_OK;
}
