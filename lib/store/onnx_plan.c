#include "store/onnx_plan.h"

#include "base/fail.h"
#include "store/onnx_activations.h"

#include <math.h>
#include <stdlib.h>

/* Where on the chain we are. */
typedef struct walk {
    const mlpbn__onnx_graph *graph;
    mlpbn__onnx_plan *plan;
    size_t at;          /* the next node */
    mlpbn__bytes value; /* the last one's output */
} walk;

static const mlpbn__onnx_node *next_node(const walk *w)
{
    return w->graph->nodes + w->at;
}

static void go_on(walk *w, size_t nodes)
{
    w->at += nodes;
    w->value = w->graph->nodes[w->at - 1].output;
}

static mlpbn__onnx_layer *last_layer(const walk *w)
{
    return w->plan->n_layers > 0 ? w->plan->layers + w->plan->n_layers - 1 : NULL;
}

static int reads_value(const walk *w, const mlpbn__onnx_node *node, size_t input)
{
    return mlpbn__bytes_same(mlpbn__onnx_input(node, input), w->value);
}

/* The constant that is a node's input; NULL where it is none of the graph's dtype. */
static const mlpbn__onnx_tensor *constant(const walk *w, const mlpbn__onnx_node *node,
                                          size_t input)
{
    const mlpbn__onnx_tensor *found =
        mlpbn__onnx_find(w->graph, mlpbn__onnx_input(node, input));
    return found && found->dtype == w->graph->dtype ? found : NULL;
}

static mlpbn_status unsupported(const mlpbn__onnx_node *node, const char *what)
{
    return mlpbn__onnx_fail(MLPBN_EUNSUPPORTED, node, what);
}

/* One number for each of n, or [1][n]; or a single one. */
static int fits(const mlpbn__onnx_tensor *tensor, uint64_t n)
{
    return tensor->n_dims <= 2 && (tensor->n == n || tensor->n == 1) &&
           (tensor->n_dims < 2 || tensor->dims[0] == 1);
}

static mlpbn_status attribute(double *value, const walk *w, const char *name)
{
    return mlpbn__onnx_attribute(value, next_node(w), name, w->graph->file);
}

/* --- Products --------------------------------------------------------------------------- */

static mlpbn_status add_layer(walk *w, mlpbn__onnx_layer layer, size_t nodes)
{
    const mlpbn__onnx_node *node = next_node(w);
    const mlpbn__onnx_layer *last = last_layer(w);
    const mlpbn__onnx_tensor *weight = layer.weight;
    if (!reads_value(w, node, 0) || !weight || weight->n_dims != 2)
        return unsupported(node,
                           "expected the output of the node before times a constant "
                           "matrix of the input's type");
    layer.inputs = weight->dims[layer.transposed];
    layer.units = weight->dims[!layer.transposed];
    if (weight->n == 0 || layer.inputs != (last ? last->units : w->plan->inputs))
        return mlpbn__onnx_fail(MLPBN_EFORMAT, node,
                                "its matrix does not fit what comes before");
    if (layer.bias && !fits(layer.bias, layer.units))
        return unsupported(node, "expected a bias for each unit");
    layer.activation = MLPBN_IDENTITY;
    w->plan->layers[w->plan->n_layers++] = layer;
    go_on(w, nodes);
    return MLPBN_OK;
}

static mlpbn_status take_gemm(walk *w)
{
    const mlpbn__onnx_node *node = next_node(w);
    double trans_a = 0, trans_b = 0, alpha = 1, beta = 1;
    mlpbn_status status = attribute(&trans_a, w, "transA");
    if (!status)
        status = attribute(&trans_b, w, "transB");
    if (!status)
        status = attribute(&alpha, w, "alpha");
    if (!status)
        status = attribute(&beta, w, "beta");
    if (status)
        return status;
    int has_bias = mlpbn__onnx_input(node, 2).n > 0;
    mlpbn__onnx_layer layer = {.weight = constant(w, node, 1),
                               .bias = constant(w, node, 2),
                               .transposed = trans_b != 0,
                               .weight_factor = alpha,
                               .bias_factor = beta};
    if (trans_a != 0)
        return unsupported(node, "expected transA 0");
    if (has_bias && !layer.bias)
        return unsupported(node, "expected a constant of the input's type as bias");
    return add_layer(w, layer, 1);
}

/* With the bias that the next node adds, if it is one. */
static mlpbn_status take_matmul(walk *w)
{
    const mlpbn__onnx_node *node = next_node(w), *next = node + 1;
    mlpbn__onnx_layer layer = {
        .weight = constant(w, node, 1), .weight_factor = 1, .bias_factor = 1};
    size_t nodes = 1;
    if (w->at + 1 < w->graph->n_nodes && mlpbn__bytes_are(&next->op, "Add"))
        for (size_t i = 0; i < 2 && nodes == 1; i++)
            if (mlpbn__bytes_same(mlpbn__onnx_input(next, i), node->output)) {
                layer.bias = constant(w, next, 1 - i);
                nodes = layer.bias ? 2 : 1;
            }
    return add_layer(w, layer, nodes);
}

/* --- Standardisation -------------------------------------------------------------------- */

/* x <- (x - c) / d on top of what is there. */
static mlpbn_status standardize(walk *w, size_t j, double c, double d)
{
    mlpbn__onnx_plan *plan = w->plan;
    plan->mean[j] += c * plan->std[j];
    plan->std[j] *= d;
    if (!isfinite(plan->mean[j]) || !isfinite(plan->std[j]))
        return mlpbn__onnx_fail(MLPBN_ENONFINITE, next_node(w),
                                "its numbers, or what they come to, are not finite");
    if (plan->std[j] <= 0)
        return unsupported(next_node(w),
                           "expected scales above 0 before the first layer");
    return MLPBN_OK;
}

static mlpbn_status take_scaling(walk *w)
{
    const mlpbn__onnx_node *node = next_node(w);
    int is_sub = mlpbn__bytes_are(&node->op, "Sub");
    int is_mul = mlpbn__bytes_are(&node->op, "Mul");
    size_t other = is_mul && reads_value(w, node, 1) ? 0 : 1;
    const mlpbn__onnx_tensor *factors = constant(w, node, other);
    if (!reads_value(w, node, 1 - other) || !factors || !fits(factors, w->plan->inputs))
        return unsupported(node, "expected the input and a constant for each column");
    mlpbn_status status = MLPBN_OK;
    for (size_t j = 0; j < w->plan->inputs && !status; j++) {
        double number = mlpbn__onnx_number(factors, factors->n == 1 ? 0 : j);
        if (is_sub)
            status = standardize(w, j, number, 1);
        else
            status = standardize(w, j, 0, is_mul ? 1 / number : number);
    }
    w->plan->standardized = 1;
    go_on(w, 1);
    return status;
}

/* (x - mean) gamma / deviation + beta, as (x - c) / d */
static mlpbn_status standardize_by(walk *w, const mlpbn__onnx_batchnorm *b)
{
    mlpbn_status status = MLPBN_OK;
    for (size_t j = 0; j < w->plan->inputs && !status; j++) {
        double numbers[4];
        for (int i = 0; i < 4; i++)
            numbers[i] = mlpbn__onnx_number(b->tensors[i], j);
        double d = sqrt(numbers[3] + b->eps) / numbers[0];
        status = standardize(w, j, numbers[2] - numbers[1] * d, d);
    }
    w->plan->standardized = 1;
    return status;
}

/* --- Batchnorm -------------------------------------------------------------------------- */

static mlpbn_status read_batchnorm(mlpbn__onnx_batchnorm *b, const walk *w,
                                   uint64_t units)
{
    const mlpbn__onnx_node *node = next_node(w);
    double training = 0;
    *b = (mlpbn__onnx_batchnorm){.eps = (double)1e-5F, .decay = (double)0.9F};
    mlpbn_status status = attribute(&b->eps, w, "epsilon");
    if (!status)
        status = attribute(&b->decay, w, "momentum");
    if (!status)
        status = attribute(&training, w, "training_mode");
    if (status)
        return status;
    if (!reads_value(w, node, 0) || training != 0)
        return unsupported(node, "expected one of the output of the node before, not in "
                                 "training mode");
    for (size_t i = 0; i < 4; i++) {
        b->tensors[i] = constant(w, node, i + 1);
        if (!b->tensors[i] || b->tensors[i]->n_dims != 1 || b->tensors[i]->n != units)
            return unsupported(node, "expected a constant for each unit, four times");
    }
    if (!mlpbn__eps_fits(b->eps, w->graph->dtype) || !(b->decay >= 0 && b->decay <= 1))
        return unsupported(node, "expected epsilon above 0 and momentum in [0, 1]");
    return MLPBN_OK;
}

static mlpbn_status take_batchnorm(walk *w)
{
    mlpbn__onnx_layer *layer = last_layer(w);
    mlpbn__onnx_batchnorm b;
    mlpbn_status status = read_batchnorm(&b, w, layer ? layer->units : w->plan->inputs);
    if (status)
        return status;
    if (!layer) {
        status = standardize_by(w, &b);
    } else if (layer->batchnorm.tensors[0] || layer->activation == MLPBN_SOFTMAX) {
        return unsupported(next_node(w),
                           "a layer has one batchnorm, and none after softmax");
    } else {
        layer->batchnorm = b;
        layer->after_activation = layer->has_activation;
    }
    go_on(w, 1);
    return status;
}

/* --- Activations ------------------------------------------------------------------------ */

static int is_operand(const walk *w, const mlpbn__onnx_node *node, size_t input,
                      mlpbn__operand operand)
{
    mlpbn__bytes name = mlpbn__onnx_input(node, input);
    if (operand == MLPBN__NO_OPERAND)
        return name.n == 0;
    if (operand == MLPBN__X)
        return mlpbn__bytes_same(name, w->value);
    if (operand == MLPBN__P)
        return node > w->graph->nodes && mlpbn__bytes_same(name, node[-1].output);
    const mlpbn__onnx_tensor *tensor = constant(w, node, input);
    double value = mlpbn__constants[operand].value;
    return tensor && tensor->n == 1 &&
           fabs(mlpbn__onnx_number(tensor, 0) - value) <= 1e-6 * value;
}

static int is_step(const walk *w, const mlpbn__onnx_node *node, const mlpbn__step *step)
{
    int commutes =
        mlpbn__bytes_are(&node->op, "Add") || mlpbn__bytes_are(&node->op, "Mul");
    return mlpbn__bytes_are(&node->op, step->op) && node->domain.n == 0 &&
           ((is_operand(w, node, 0, step->a) && is_operand(w, node, 1, step->b)) ||
            (commutes && is_operand(w, node, 0, step->b) &&
             is_operand(w, node, 1, step->a)));
}

/* How many nodes from here on are this recipe; 0: they are another thing. */
static size_t match(const walk *w, const mlpbn__recipe *recipe)
{
    size_t n = 0;
    for (; n < MLPBN__MOST_STEPS && recipe->steps[n].op; n++)
        if (w->at + n >= w->graph->n_nodes ||
            !is_step(w, next_node(w) + n, recipe->steps + n))
            return 0;
    return n;
}

/* Of softmax the axis is checked, of SELU its constants. */
static mlpbn_status check_attributes(const walk *w, mlpbn_activation activation)
{
    double axis = -1, alpha = 1.6732632423543772848, gamma = 1.0507009873554804934;
    const double wanted_alpha = alpha, wanted_gamma = gamma;
    mlpbn_status status = attribute(&axis, w, "axis");
    if (!status && activation == MLPBN_SELU)
        status = attribute(&alpha, w, "alpha");
    if (!status && activation == MLPBN_SELU)
        status = attribute(&gamma, w, "gamma");
    if (status)
        return status;
    if (activation == MLPBN_SOFTMAX && axis != -1 && axis != 1)
        return unsupported(next_node(w), "expected axis 1 or -1");
    if (!(fabs(alpha - wanted_alpha) < 1e-5 && fabs(gamma - wanted_gamma) < 1e-5))
        return unsupported(next_node(w), "expected alpha 1.6732... and gamma 1.0507...");
    return MLPBN_OK;
}

static mlpbn_status take_activation(walk *w)
{
    mlpbn__onnx_layer *layer = last_layer(w);
    size_t nodes = 0, r = 0;
    for (; r < mlpbn__n_recipes && nodes == 0; r++)
        nodes = match(w, mlpbn__recipes + r);
    if (nodes == 0)
        return unsupported(next_node(w), "not an operator, or not a use of it, that is "
                                         "supported (mlpbn/onnx.h)");
    const mlpbn__recipe *recipe = mlpbn__recipes + r - 1;
    if (!layer || layer->has_activation)
        return unsupported(next_node(w), "expected one activation after each product");
    mlpbn_status status = check_attributes(w, recipe->activation);
    layer->has_activation = 1;
    layer->activation = recipe->activation;
    layer->alpha = recipe->default_alpha;
    if (!status && recipe->default_alpha > 0)
        status = attribute(&layer->alpha, w, "alpha");
    if (!status && !(layer->alpha >= 0 && isfinite(layer->alpha)))
        status = unsupported(next_node(w), "expected a finite alpha of at least 0");
    go_on(w, nodes);
    return status;
}

/* --- The chain -------------------------------------------------------------------------- */

static mlpbn_status take_identity(walk *w)
{
    if (!reads_value(w, next_node(w), 0))
        return unsupported(next_node(w), "expected it of the output of the node before");
    go_on(w, 1);
    return MLPBN_OK;
}

static const struct {
    const char *op;
    mlpbn_status (*take)(walk *w);
    int before_layers; /* only there: later such nodes are parts of activations */
} operators[] = {
    {"Gemm", take_gemm, 0},
    {"MatMul", take_matmul, 0},
    {"BatchNormalization", take_batchnorm, 0},
    {"Identity", take_identity, 0},
    {"Sub", take_scaling, 1},
    {"Div", take_scaling, 1},
    {"Mul", take_scaling, 1},
};

static mlpbn_status take_next(walk *w)
{
    const mlpbn__onnx_node *node = next_node(w);
    for (size_t i = 0; i < sizeof operators / sizeof *operators; i++)
        if (mlpbn__bytes_are(&node->op, operators[i].op) && node->domain.n == 0 &&
            (!operators[i].before_layers || w->plan->n_layers == 0))
            return operators[i].take(w);
    return take_activation(w);
}

/* The rows of the first product's matrix, or columns. */
static mlpbn_status find_inputs(size_t *inputs, const mlpbn__onnx_graph *graph)
{
    for (size_t i = 0; i < graph->n_nodes; i++) {
        const mlpbn__onnx_node *node = graph->nodes + i;
        double transposed = 0;
        int is_gemm = mlpbn__bytes_are(&node->op, "Gemm");
        if (!is_gemm && !mlpbn__bytes_are(&node->op, "MatMul"))
            continue;
        mlpbn_status status =
            is_gemm ? mlpbn__onnx_attribute(&transposed, node, "transB", graph->file)
                    : MLPBN_OK;
        const mlpbn__onnx_tensor *weight =
            mlpbn__onnx_find(graph, mlpbn__onnx_input(node, 1));
        if (!status && (!weight || weight->dtype != graph->dtype || weight->n_dims != 2 ||
                        weight->n == 0))
            status = unsupported(node, "expected a constant matrix of the input's type");
        if (status)
            return status;
        uint64_t n = weight->dims[transposed != 0];
        if (graph->inputs != 0 && graph->inputs != n)
            return mlpbn__onnx_fail(MLPBN_EFORMAT, node,
                                    "its matrix does not fit the graph's input");
        *inputs = (size_t)n;
        return MLPBN_OK;
    }
    return mlpbn__fail(MLPBN_EUNSUPPORTED, "expected a Gemm or MatMul, got none");
}

static mlpbn_status check_end(const walk *w)
{
    const mlpbn__onnx_plan *plan = w->plan;
    for (size_t l = 0; l + 1 < plan->n_layers; l++)
        if (plan->layers[l].activation == MLPBN_SOFTMAX)
            return mlpbn__fail(MLPBN_EUNSUPPORTED,
                               "expected Softmax in the last layer only, got it in %zu",
                               l);
    if (!mlpbn__bytes_same(w->value, w->graph->output))
        return mlpbn__fail(MLPBN_EUNSUPPORTED,
                           "expected the last node's output to be the graph's");
    return MLPBN_OK;
}

mlpbn_status mlpbn__onnx_plan_make(mlpbn__onnx_plan *plan, const mlpbn__onnx_graph *graph)
{
    walk w = {.graph = graph, .plan = plan, .value = graph->input};
    *plan = (mlpbn__onnx_plan){.n_layers = 0};
    mlpbn_status status = find_inputs(&plan->inputs, graph);
    if (status)
        return status;
    plan->layers = calloc(graph->n_nodes, sizeof *plan->layers);
    plan->mean = calloc(plan->inputs, sizeof *plan->mean);
    plan->std = calloc(plan->inputs, sizeof *plan->std);
    if (!plan->layers || !plan->mean || !plan->std)
        return mlpbn__fail(MLPBN_ENOMEM, "no memory for %zu inputs and %zu nodes",
                           plan->inputs, graph->n_nodes);
    for (size_t j = 0; j < plan->inputs; j++)
        plan->std[j] = 1;
    while (w.at < graph->n_nodes && !status)
        status = take_next(&w);
    return status ? status : check_end(&w);
}

void mlpbn__onnx_plan_free(mlpbn__onnx_plan *plan)
{
    free(plan->layers);
    free(plan->mean);
    free(plan->std);
}
