/* Nodes that are an activation. */
#include "io/onnx/onnx_activations.h"
#include "io/onnx/onnx_cursor.h"

#include <math.h>

static int is_operand(const mlpbn__walk *w, const mlpbn__onnx_node *node, size_t input,
                      mlpbn__operand operand)
{
    mlpbn__bytes name = mlpbn__onnx_input(node, input);
    if (operand == MLPBN__NO_OPERAND)
        return name.n == 0;
    if (operand == MLPBN__X)
        return mlpbn__reads_value(w, node, input);
    if (operand == MLPBN__P)
        return name.n > 0 && node > w->graph->nodes &&
               mlpbn__bytes_same(name, node[-1].output);
    const mlpbn__onnx_tensor *tensor = mlpbn__walk_constant(w, node, input);
    double value = mlpbn__constants[operand].value;
    return tensor && tensor->n == 1 &&
           fabs(mlpbn__onnx_number(tensor, 0) - value) <= 1e-6 * value;
}

static int is_step(const mlpbn__walk *w, const mlpbn__onnx_node *node,
                   const mlpbn__step *step)
{
    int commutes =
        mlpbn__bytes_are(&node->op, "Add") || mlpbn__bytes_are(&node->op, "Mul");
    return mlpbn__bytes_are(&node->op, step->op) && node->domain.n == 0 &&
           ((is_operand(w, node, 0, step->a) && is_operand(w, node, 1, step->b)) ||
            (commutes && is_operand(w, node, 0, step->b) &&
             is_operand(w, node, 1, step->a)));
}

/* How many nodes from here on are this recipe; 0: they are another thing. */
static size_t match(const mlpbn__walk *w, const mlpbn__recipe *recipe)
{
    size_t n = 0;
    for (; n < MLPBN__MOST_STEPS && recipe->steps[n].op; n++)
        if (w->at + n >= w->graph->n_nodes ||
            !is_step(w, mlpbn__next_node(w) + n, recipe->steps + n))
            return 0;
    return n;
}

/* Of softmax the axis is checked, of SELU its constants. */
static mlpbn_status check_attributes(const mlpbn__walk *w, mlpbn_activation activation)
{
    double axis = -1, alpha = 1.6732632423543772848, gamma = 1.0507009873554804934;
    const double wanted_alpha = alpha, wanted_gamma = gamma;
    mlpbn_status status = mlpbn__walk_attribute(&axis, w, "axis");
    if (!status && activation == MLPBN_SELU)
        status = mlpbn__walk_attribute(&alpha, w, "alpha");
    if (!status && activation == MLPBN_SELU)
        status = mlpbn__walk_attribute(&gamma, w, "gamma");
    if (status)
        return status;
    if (activation == MLPBN_SOFTMAX && axis != -1 && axis != 1)
        return mlpbn__unsupported(mlpbn__next_node(w), "expected axis 1 or -1");
    if (!(fabs(alpha - wanted_alpha) < 1e-5 && fabs(gamma - wanted_gamma) < 1e-5))
        return mlpbn__unsupported(mlpbn__next_node(w),
                                  "expected alpha 1.6732... and gamma 1.0507...");
    return MLPBN_OK;
}

mlpbn_status mlpbn__take_activation(mlpbn__walk *w)
{
    mlpbn__onnx_layer *layer = mlpbn__last_layer(w);
    size_t nodes = 0, r = 0;
    for (; r < mlpbn__n_recipes && nodes == 0; r++)
        nodes = match(w, mlpbn__recipes + r);
    if (nodes == 0)
        return mlpbn__unsupported(mlpbn__next_node(w),
                                  "not an operator, or not a use of it, that is "
                                  "supported (mlpbn/onnx.h)");
    const mlpbn__recipe *recipe = mlpbn__recipes + r - 1;
    if (!layer || layer->has_activation)
        return mlpbn__unsupported(mlpbn__next_node(w),
                                  "expected one activation after each product");
    mlpbn_status status = check_attributes(w, recipe->activation);
    layer->has_activation = 1;
    layer->activation = recipe->activation;
    layer->alpha = recipe->default_alpha;
    if (!status && recipe->default_alpha > 0)
        status = mlpbn__walk_attribute(&layer->alpha, w, "alpha");
    if (!status && !(layer->alpha >= 0 && isfinite(layer->alpha)))
        status = mlpbn__unsupported(mlpbn__next_node(w),
                                    "expected a finite alpha of at least 0");
    mlpbn__go_on(w, nodes);
    return status;
}
