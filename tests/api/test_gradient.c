/* Gradients against central differences in f64, over every parameter and every input.
 *
 * mlpbn_gradient reports the cost of the training-mode forward pass, of which its
 * gradient is the derivative; in pieces, the objective is sum dy * y with a dy of
 * one's own.
 *
 * (f(p + h) - f(p - h)) / 2h is off by h^2 / 6 f''' and by the rounding of f over h.
 * With h = 2^-18, f''' below 600 and f good to 16 epsilons of its size that is 1.5e-9
 * + 1e-9 f; a wrong formula is off by far more. ReLU has no derivative at 0: data are
 * drawn so that no z comes so near to 0 that a nudge would carry it across. */
#include "api_reference.h"

#include <float.h>
#include <stdlib.h>
#include <string.h>

static const double H = 1. / 262144;
static const double KINK = 1e-3; /* 262 H: z moves by less than 100 for 1 in p or x */

/* What is differentiated: the cost by these options, or sum dy * y. */
struct problem {
    mlpbn_network *network;
    mlpbn_workspace *workspace;
    struct data data;
    const mlpbn_loss_options *loss; /* NULL: dy */
    double *dy;
    double *y;
};

/* eps is large, or a ReLU that passes nothing is divided by next to nothing. */
static const mlpbn_batchnorm_options after = {sizeof after, 0.0385, 0.9, 0, 1, 1, 1, 0},
                                     plain = {sizeof plain, 1e-5, 0.9, 0, 1, 0, 0, 0},
                                     after_plain = {
                                         sizeof after_plain, 0.0385, 0.9, 0, 1, 0, 1, 0};

static const struct shape {
    const char *name;
    struct recipe recipe;
    size_t rows;
    int standardized;
} shapes[] = {
    {"1 layer", {.inputs = 5, .units = {3}}, 7, 0},
    {"1 layer, 1 unit", {.inputs = 1, .units = {2}, .no_bias = 1}, 5, 0},
    {"1 layer, ReLU", {.inputs = 6, .units = {4}, .last_relu = 1}, 5, 0},
    {"1 layer, batchnorm", {.inputs = 4, .units = {3}, .batchnorm = 1}, 6, 1},
    {"2 layers", {.inputs = 7, .units = {9, 3}}, 5, 1},
    {"2 layers, no bias", {.inputs = 3, .units = {5, 4}, .no_bias = 3}, 8, 0},
    {"2 layers, batchnorm", {.inputs = 5, .units = {6, 3}, .batchnorm = 1}, 9, 0},
    {"2 layers, batchnorm in both",
     {.inputs = 5, .units = {7, 3}, .batchnorm = 3, .no_bias = 1},
     11,
     1},
    {"3 layers, batchnorm", {.inputs = 6, .units = {5, 8, 3}, .batchnorm = 3}, 10, 0},
    {"4 layers", {.inputs = 5, .units = {6, 4, 5, 3}, .last_relu = 1}, 6, 0},
    {"4 layers, batchnorm, mixed",
     {.inputs = 9, .units = {7, 5, 6, 4}, .batchnorm = 5, .no_bias = 4},
     13,
     1},
    {"17 wide", {.inputs = 19, .units = {17, 3}, .batchnorm = 1, .no_bias = 1}, 18, 0},
    {"leaky_relu",
     {.inputs = 6,
      .units = {7, 5, 3},
      .hidden = MLPBN_LEAKY_RELU,
      .alpha = 0.385,
      .batchnorm = 2},
     9,
     0},
    {"leaky_relu at the output",
     {.inputs = 5, .units = {6, 3}, .last = MLPBN_LEAKY_RELU, .alpha = 0.385},
     7,
     0},
    {"elu",
     {.inputs = 6,
      .units = {7, 5, 3},
      .hidden = MLPBN_ELU,
      .alpha = 0.385,
      .batchnorm = 2},
     9,
     0},
    {"elu at the output",
     {.inputs = 5, .units = {6, 3}, .last = MLPBN_ELU, .alpha = 0.385},
     7,
     0},
    {"selu",
     {.inputs = 6, .units = {7, 5, 3}, .hidden = MLPBN_SELU, .batchnorm = 2},
     9,
     0},
    {"selu at the output", {.inputs = 5, .units = {6, 3}, .last = MLPBN_SELU}, 7, 0},
    {"sigmoid",
     {.inputs = 6, .units = {7, 5, 3}, .hidden = MLPBN_SIGMOID, .batchnorm = 2},
     9,
     0},
    {"sigmoid at the output",
     {.inputs = 5, .units = {6, 3}, .last = MLPBN_SIGMOID},
     7,
     0},
    {"tanh",
     {.inputs = 6, .units = {7, 5, 3}, .hidden = MLPBN_TANH, .batchnorm = 2},
     9,
     0},
    {"tanh at the output", {.inputs = 5, .units = {6, 3}, .last = MLPBN_TANH}, 7, 0},
    {"softplus",
     {.inputs = 6, .units = {7, 5, 3}, .hidden = MLPBN_SOFTPLUS, .batchnorm = 2},
     9,
     0},
    {"softplus at the output",
     {.inputs = 5, .units = {6, 3}, .last = MLPBN_SOFTPLUS},
     7,
     0},
    {"silu",
     {.inputs = 6, .units = {7, 5, 3}, .hidden = MLPBN_SILU, .batchnorm = 2},
     9,
     0},
    {"silu at the output", {.inputs = 5, .units = {6, 3}, .last = MLPBN_SILU}, 7, 0},
    {"gelu",
     {.inputs = 6, .units = {7, 5, 3}, .hidden = MLPBN_GELU, .batchnorm = 2},
     9,
     0},
    {"gelu at the output", {.inputs = 5, .units = {6, 3}, .last = MLPBN_GELU}, 7, 0},
    {"gelu_tanh",
     {.inputs = 6, .units = {7, 5, 3}, .hidden = MLPBN_GELU_TANH, .batchnorm = 2},
     9,
     0},
    {"gelu_tanh at the output",
     {.inputs = 5, .units = {6, 3}, .last = MLPBN_GELU_TANH},
     7,
     0},
    {"softmax", {.inputs = 5, .units = {6, 4}, .last = MLPBN_SOFTMAX}, 7, 0},
    {"softmax after batchnorm",
     {.inputs = 5, .units = {6, 4}, .last = MLPBN_SOFTMAX, .batchnorm = 2},
     7,
     0},
    {"batchnorm after ReLU",
     {.inputs = 6, .units = {7, 5, 3}, .batchnorm = 3, .batchnorm_options = &after},
     9,
     0},
    {"batchnorm after tanh, no bias",
     {.inputs = 6,
      .units = {7, 3},
      .hidden = MLPBN_TANH,
      .batchnorm = 1,
      .no_bias = 1,
      .batchnorm_options = &after},
     9,
     1},
    {"batchnorm after SiLU",
     {.inputs = 6,
      .units = {7, 3},
      .hidden = MLPBN_SILU,
      .batchnorm = 3,
      .batchnorm_options = &after},
     9,
     0},
    {"batchnorm after sigmoid, at the output",
     {.inputs = 6,
      .units = {7, 3},
      .last = MLPBN_SIGMOID,
      .batchnorm = 2,
      .batchnorm_options = &after},
     9,
     0},
    {"batchnorm without gamma and beta",
     {.inputs = 6, .units = {7, 3}, .batchnorm = 3, .batchnorm_options = &plain},
     9,
     0},
    {"batchnorm after GELU without gamma and beta",
     {.inputs = 6,
      .units = {7, 3},
      .hidden = MLPBN_GELU,
      .batchnorm = 1,
      .batchnorm_options = &after_plain},
     9,
     0},
    {"defaults of alpha",
     {.inputs = 5, .units = {6, 4}, .hidden = MLPBN_ELU, .last = MLPBN_LEAKY_RELU},
     7,
     0},
};

/* --- Problems ----------------------------------------------------------------------- */

static void standardize(mlpbn_network *network)
{
    const size_t n = mlpbn_network_inputs(network);
    double *mean = api_numbers(n, 47, 0.731, 0.0173);
    double *std = api_numbers(n, 48, 0.271, 0.8385);
    OK(mlpbn_network_set_standardization(network, mean, std, n));
    free(mean);
    free(std);
}

/* Draws data until no ReLU is near its kink. */
static void draw_data(struct problem *problem, size_t rows)
{
    const mlpbn_network *network = problem->network;
    double kink = 0;
    for (uint64_t seed = 1; kink < KINK; seed++) {
        data_free(&problem->data);
        data_make(&problem->data, MLPBN_F64, rows, mlpbn_network_inputs(network),
                  mlpbn_network_outputs(network), seed);
        struct reference r = reference_run(network, &problem->data.rows, REFERENCE_TRAIN);
        kink = r.kink;
        reference_free(&r);
    }
}

static struct problem make_problem(const struct shape *shape,
                                   const mlpbn_loss_options *loss)
{
    struct problem problem = {.loss = loss};
    struct recipe recipe = shape->recipe;

    recipe.dtype = MLPBN_F64;
    problem.network = api_network(&recipe);
    problem.workspace = api_workspace(problem.network, shape->rows, 1);
    const size_t n_y = shape->rows * mlpbn_network_outputs(problem.network);
    problem.y = api_alloc(n_y, sizeof *problem.y);
    problem.dy = api_numbers(n_y, 53, 0.731, 0.0173);
    if (shape->standardized)
        standardize(problem.network);
    draw_data(&problem, shape->rows);
    return problem;
}

static void free_problem(struct problem *problem)
{
    free(problem->y);
    free(problem->dy);
    data_free(&problem->data);
    mlpbn_workspace_destroy(problem->workspace);
    mlpbn_network_destroy(problem->network);
}

static double objective(const struct problem *p)
{
    mlpbn_metrics metrics = api_metrics();
    double sum = 0;

    if (p->loss) {
        OK(mlpbn_gradient(p->network, p->workspace, &p->data.rows, p->loss, &metrics));
        return metrics.cost;
    }
    OK(mlpbn_forward_f64(p->network, p->workspace, &p->data.rows, p->y));
    for (size_t i = 0; i < p->data.rows.n * p->data.rows.target_columns; i++)
        sum += p->dy[i] * p->y[i];
    return sum;
}

/* The gradient by the library, to be freed; dx only where dy is the objective's. */
static double *differentiated(const struct problem *p, double *dx)
{
    size_t n;
    objective(p);
    if (!p->loss)
        OK(mlpbn_backward_f64(p->network, p->workspace, p->dy, dx));
    return api_gradients(p->network, p->workspace, &n);
}

static double tolerance(const struct problem *p)
{
    return 100 * H * H + 16 * DBL_EPSILON * (1 + fabs(objective(p))) / H;
}

/* --- Parameters --------------------------------------------------------------------- */

static double with_nudged(const struct problem *p, size_t index, double *values, size_t n,
                          size_t element, double nudge)
{
    const double kept = values[element];
    values[element] += nudge;
    OK(mlpbn_network_set_f64(p->network, index, values, n));
    const double result = objective(p);
    values[element] = kept;
    OK(mlpbn_network_set_f64(p->network, index, values, n));
    return result;
}

static void check_tensor(const struct problem *p, const mlpbn_tensor *tensor,
                         const double *gradients)
{
    const double allowed = tolerance(p);
    size_t n;
    double *values = api_tensor(p->network, tensor->layer, tensor->kind, &n);

    for (size_t e = 0; e < n; e++) {
        const double above = with_nudged(p, tensor->index, values, n, e, H);
        const double below = with_nudged(p, tensor->index, values, n, e, -H);
        const size_t at =
            tensor->offset + e / tensor->columns * tensor->stride + e % tensor->columns;
        api_assert_near(gradients[at], (above - below) / (2 * H), allowed, tensor->name);
    }
    free(values);
}

static void check_weighted(const struct shape *shape, const mlpbn_loss_options *loss,
                           const double *weights)
{
    struct problem problem = make_problem(shape, loss);
    problem.data.rows.weights = weights;
    data_make_probabilities(&problem.data);
    double *gradients = differentiated(&problem, NULL);

    for (size_t i = 0; i < mlpbn_network_tensors(problem.network); i++) {
        const mlpbn_tensor tensor = api_describe(problem.network, i);
        if (tensor.is_parameter)
            check_tensor(&problem, &tensor, gradients);
    }
    free(gradients);
    free_problem(&problem);
}

static void check_parameters(const struct shape *shape, const mlpbn_loss_options *loss)
{
    check_weighted(shape, loss, NULL);
}

static void check_loss(const struct shape *shape, mlpbn_loss which)
{
    static const double lambdas[] = {0, 0.0385};
    for (size_t i = 0; i < LENGTH(lambdas); i++) {
        const mlpbn_loss_options loss = api_loss_options(which, lambdas[i]);
        check_parameters(shape, &loss);
    }
}

START_TEST(of_the_cross_entropy)
{
    api_case(shapes[_i].name, "");
    check_loss(&shapes[_i], MLPBN_SOFTMAX_CROSS_ENTROPY);
}
END_TEST

/* Every loss, with weights of rows and classes, smoothing and other penalties. */
START_TEST(of_every_loss)
{
    static const double class_weights[] = {0.61, 1.385, 0.873, 1.173};
    double *weights = api_numbers(32, 59, 0.713, 0.8385);
    api_case(shapes[_i].name, "");
    for (mlpbn_loss which = MLPBN_SOFTMAX_CROSS_ENTROPY; which <= MLPBN_HUBER; which++) {
        mlpbn_loss_options loss = api_loss_options(which, 0.0385);
        const int softmax = which == MLPBN_SOFTMAX_CROSS_ENTROPY;
        size_t outputs = 0;
        while (outputs + 1 < MAX_LAYERS && shapes[_i].recipe.units[outputs + 1])
            outputs++;
        loss.n_class_weights = shapes[_i].recipe.units[outputs];
        if (softmax || which == MLPBN_SOFT_CROSS_ENTROPY)
            loss.class_weights = class_weights;
        loss.label_smoothing = softmax ? 0.173 : 0;
        loss.huber_delta = 0.731;
        loss.penalty = MLPBN_HALF_SUM_OF_SQUARES;
        loss.penalty_kinds = MLPBN_ALL_PARAMETERS;
        check_weighted(&shapes[_i], &loss, weights);
    }
    free(weights);
}
END_TEST

START_TEST(of_the_squared_error)
{
    api_case(shapes[_i].name, "");
    check_loss(&shapes[_i], MLPBN_MEAN_SQUARED_ERROR);
}
END_TEST

START_TEST(of_a_loss_of_ones_own)
{
    api_case(shapes[_i].name, "");
    check_parameters(&shapes[_i], NULL);
}
END_TEST

/* Written in place, parameters count just as well. */
START_TEST(through_the_array_of_parameters)
{
    const mlpbn_loss_options loss = api_loss_options(MLPBN_SOFTMAX_CROSS_ENTROPY, 0.0385);
    struct problem p = make_problem(&shapes[6], &loss);
    double *gradients = differentiated(&p, NULL);
    const double allowed = tolerance(&p);
    const mlpbn_tensor weight =
        api_describe(p.network, api_find(p.network, 1, MLPBN_WEIGHT));
    double *parameters;
    size_t n;

    OK(mlpbn_network_parameters_f64(&parameters, &n, p.network));
    for (size_t j = 0; j < weight.columns; j++) {
        const size_t at = weight.offset + weight.stride + j;
        const double kept = parameters[at];
        parameters[at] = kept + H;
        const double above = objective(&p);
        parameters[at] = kept - H;
        const double below = objective(&p);
        parameters[at] = kept;
        api_assert_near(gradients[at], (above - below) / (2 * H), allowed, weight.name);
    }
    free(gradients);
    free_problem(&p);
}
END_TEST

/* --- Inputs ------------------------------------------------------------------------- */

START_TEST(of_the_inputs)
{
    const struct shape *shape = &shapes[_i];
    struct problem p = make_problem(shape, NULL);
    const size_t n = shape->rows * shape->recipe.inputs;
    double *dx = api_alloc(n, sizeof *dx);
    double *x = p.data.x;
    double *gradients = differentiated(&p, dx);
    const double allowed = tolerance(&p);

    api_case(shape->name, "");
    for (size_t i = 0; i < n; i++) {
        const double kept = x[i];
        x[i] = kept + H;
        const double above = objective(&p);
        x[i] = kept - H;
        const double below = objective(&p);
        x[i] = kept;
        api_assert_near(dx[i], (above - below) / (2 * H), allowed, "dx");
    }
    free(dx);
    free(gradients);
    free_problem(&p);
}
END_TEST

/* --- f32 ---------------------------------------------------------------------------- */

/* Rounds the data of a problem and its network to f32, where both are the same. */
static mlpbn_network *narrow(struct problem *p)
{
    mlpbn_network *f32;
    const size_t n = p->data.rows.n * p->data.rows.columns;

    for (size_t i = 0; i < n; i++)
        api_store(p->data.x, MLPBN_F64, i,
                  (double)(float)api_load(p->data.x, MLPBN_F64, i));
    OK(mlpbn_network_clone(&f32, p->network, MLPBN_F32));
    mlpbn_workspace_destroy(p->workspace);
    mlpbn_network_destroy(p->network);
    OK(mlpbn_network_clone(&p->network, f32, MLPBN_F64));
    p->workspace = api_workspace(p->network, p->data.rows.n, 1);
    return f32;
}

/* One tensor's gradient in both arrays, which need not be padded alike. */
static void check_widened(const mlpbn_tensor *narrow, const double *got,
                          const mlpbn_tensor *wide, const double *expected,
                          double tolerance)
{
    double size = 1;
    for (size_t r = 0; r < wide->rows; r++)
        size = fmax(
            size, api_largest(expected + wide->offset + r * wide->stride, wide->columns));
    for (size_t r = 0; r < wide->rows; r++)
        api_assert_close(got + narrow->offset + r * narrow->stride,
                         expected + wide->offset + r * wide->stride, wide->columns,
                         size * tolerance, wide->name);
}

static void check_f32(const struct shape *shape, mlpbn_loss which)
{
    const mlpbn_loss_options loss = api_loss_options(which, 0.0385);
    struct problem p = make_problem(shape, &loss);
    mlpbn_network *f32 = narrow(&p);
    mlpbn_workspace *workspace = api_workspace(f32, p.data.rows.n, 1);
    /* Forth and back through all layers, where the sums over rows join in. */
    const double slack = (2 + (double)p.data.rows.n) * reference_tolerance(f32);
    mlpbn_metrics metrics = api_metrics();
    size_t n;

    const double cost = objective(&p);
    double *expected = differentiated(&p, NULL);
    OK(mlpbn_gradient(f32, workspace, &p.data.rows, &loss, &metrics));
    double *got = api_gradients(f32, workspace, &n);
    for (size_t i = 0; i < mlpbn_network_tensors(f32); i++) {
        const mlpbn_tensor t = api_describe(f32, i), wide = api_describe(p.network, i);
        if (t.is_parameter)
            check_widened(&t, got, &wide, expected, slack);
    }
    api_assert_near(metrics.cost, cost, 4 * (1 + cost) * reference_tolerance(f32),
                    "cost");
    free(expected);
    free(got);
    mlpbn_workspace_destroy(workspace);
    mlpbn_network_destroy(f32);
    free_problem(&p);
}

START_TEST(in_f32_are_those_in_f64)
{
    api_case(shapes[_i].name, "");
    check_f32(&shapes[_i], MLPBN_SOFTMAX_CROSS_ENTROPY);
    check_f32(&shapes[_i], MLPBN_MEAN_SQUARED_ERROR);
}
END_TEST

Suite *gradient_suite(void)
{
    TCase *tests;
    Suite *suite = api_suite("gradient", &tests);
    TCase *differences = api_large_case(suite, "gradient by differences");
    tcase_add_loop_test(differences, of_the_cross_entropy, 0, LENGTH(shapes));
    tcase_add_loop_test(differences, of_every_loss, 0, LENGTH(shapes));
    tcase_add_loop_test(differences, of_the_squared_error, 0, LENGTH(shapes));
    tcase_add_loop_test(differences, of_a_loss_of_ones_own, 0, LENGTH(shapes));
    tcase_add_loop_test(differences, of_the_inputs, 0, LENGTH(shapes));
    tcase_add_test(tests, through_the_array_of_parameters);
    tcase_add_loop_test(tests, in_f32_are_those_in_f64, 0, LENGTH(shapes));
    return suite;
}
