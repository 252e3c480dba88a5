/* Gradients against central differences in f64, over every parameter and every input.
 *
 * mlpbn_gradient reports the cost of the training-mode forward pass, of which its
 * gradient is the derivative; with forward and backward, the objective is sum dy * y with
 * a dy of one's own.
 *
 * (f(p + h) - f(p - h)) / 2h is off by h^2 / 6 f''' and by the rounding of f over h.
 * With h = 2^-18, f''' below 600 and f good to 16 epsilons of its size that is 1.5e-9
 * + 1e-9 f; a wrong formula is off by far more. ReLU has no derivative at 0: data are
 * drawn so that no z comes so near to 0 that a nudge would carry it across. */
#include "api_reference.h"

static const double H = 1. / 262144;
static const double KINK = 1e-3; /* 262 H: z moves by less than 100 for 1 in p or x */

/* eps is large, or a ReLU that passes nothing is divided by next to nothing. */
static const mlpbn_batchnorm_options after_plain = {
    sizeof after_plain, 0.0385, 0.9, 0, 1, 0, 1, 0};

/* Layer l has batchnorm where bit l is set. Every third is standardized. */
static const struct spec shapes[] = {
    {5, .units = {3}},
    {1, .units = {2}, .no_bias_mask = 1},
    {6, .units = {4}, .last_relu = 1},
    {4, .units = {3}, .batchnorm_mask = 1},
    {7, .units = {9, 3}},
    {3, .units = {5, 4}, .no_bias_mask = 3},
    {5, .units = {6, 3}, .batchnorm_mask = 1},
    {5, .units = {7, 3}, .batchnorm_mask = 3, .no_bias_mask = 1},
    {6, .units = {5, 8, 3}, .batchnorm_mask = 3},
    {5, .units = {6, 4, 5, 3}, .last_relu = 1},
    {9, .units = {7, 5, 6, 4}, .batchnorm_mask = 5, .no_bias_mask = 4},
    {19, .units = {17, 3}, .batchnorm_mask = 1, .no_bias_mask = 1},
    {5, .units = {6, 4}, .last = MLPBN_SOFTMAX, .batchnorm_mask = 2},
    {6, .units = {7, 5, 3}, .batchnorm_mask = 3, .norm = &api_after},
    {6, .units = {7, 3}, .hidden = MLPBN_TANH, .batchnorm_mask = 1, .no_bias_mask = 1,
     .norm = &api_after},
    {6, .units = {7, 3}, .hidden = MLPBN_SILU, .batchnorm_mask = 3, .norm = &api_after},
    {6, .units = {7, 3}, .last = MLPBN_SIGMOID, .batchnorm_mask = 2, .norm = &api_after},
    {6, .units = {7, 3}, .batchnorm_mask = 3, .norm = &api_plain},
    {6, .units = {7, 3}, .hidden = MLPBN_GELU, .batchnorm_mask = 1, .norm = &after_plain},
    {5, .units = {6, 4}, .hidden = MLPBN_ELU, .last = MLPBN_LEAKY_RELU},
};
/* After these, each activation in hidden layers, with batchnorm in the second; and then
 * each at the output. */
enum { N_CASES = LENGTH(shapes) + 2 * LAST_ACTIVATION };

static struct spec shape_of(int i)
{
    const int nth = i - (int)LENGTH(shapes);
    const mlpbn_activation activation = (mlpbn_activation)(nth % LAST_ACTIVATION + 1);
    struct spec spec =
        *SPEC(MLPBN_F64, 6, {7, 5, 3}, .alpha = 0.385, .batchnorm_mask = 2);
    if (nth < 0)
        spec = *spec_of(&shapes[i], MLPBN_F64);
    else if (nth < LAST_ACTIVATION && activation != MLPBN_SOFTMAX)
        spec.hidden = activation;
    else
        spec = *SPEC(MLPBN_F64, 5, {6, 3}, .alpha = 0.385, .last = activation);
    return spec;
}

/* --- Problems ----------------------------------------------------------------------- */

/* What is differentiated: the cost by these options, or sum dy * y. */
struct problem {
    struct setup s;
    const mlpbn_loss_options *loss; /* NULL: dy */
    double *dy, *y;
};

/* With data such that no z is near a kink. */
static struct problem make_problem(int i, const mlpbn_loss_options *loss)
{
    const struct spec spec = shape_of(i);
    const size_t rows = 5 + (size_t)i * 7 % 9;
    struct problem p = {.s = setup_of(&spec, MLPBN_F64, rows), .loss = loss};
    const size_t outputs = mlpbn_network_outputs(p.s.network), n_y = rows * outputs;
    double kink = 0;
    p.y = api_alloc(n_y, sizeof *p.y);
    p.dy = api_random(n_y, 53, 0.731, 0.0173);
    if (i % 3 == 1)
        api_standardize(p.s.network);
    for (uint64_t seed = 1; kink < KINK; seed++) {
        const struct data data = data_make(MLPBN_F64, rows, spec.inputs, outputs, seed);
        p.s.rows = data.rows;
        p.s.x = data.x;
        p.s.targets = data.targets;
        kink = reference_run(p.s.network, &data.rows, REFERENCE_TRAIN).kink;
    }
    return p;
}

static double objective(const struct problem *p)
{
    const struct setup *s = &p->s;
    double sum = 0;
    if (p->loss)
        return setup_metrics(s, p->loss).cost;
    OK(mlpbn_forward_f64(s->network, s->workspace, &s->rows, p->y));
    for (size_t i = 0; i < s->rows.n * s->rows.target_columns; i++)
        sum += p->dy[i] * p->y[i];
    return sum;
}

/* The gradient by the library; dx only where dy is the objective's. */
static double *gradient_of(const struct problem *p, double *dx)
{
    objective(p);
    if (!p->loss)
        OK(mlpbn_backward_f64(p->s.network, p->s.workspace, p->dy, dx));
    return api_gradients(p->s.network, p->s.workspace);
}

/* The derivatives by n numbers, which the objective reads where they are. */
static void check_derivatives(const struct problem *p, double *numbers, size_t n,
                              const double *derivatives, const char *what)
{
    const double tolerance =
        100 * H * H + 16 * DBL_EPSILON * (1 + fabs(objective(p))) / H;
    for (size_t i = 0; i < n; i++) {
        const double kept = numbers[i];
        numbers[i] = kept + H;
        const double above = objective(p);
        numbers[i] = kept - H;
        const double below = objective(p);
        numbers[i] = kept;
        api_assert_near(derivatives[i], (above - below) / (2 * H), tolerance, what);
    }
}

/* Of all parameters, which are written in place. */
static void check_problem(int i, const mlpbn_loss_options *loss, const double *weights)
{
    struct problem p = make_problem(i, loss);
    double *parameters = api_parameters_in_place(p.s.network);
    if (loss && !api_loss_fits(loss->loss, p.s.network))
        return;
    p.s.rows.weights = weights;
    api_make_probabilities(p.s.targets, p.s.rows.n * p.s.rows.target_columns);
    const double *gradients = gradient_of(&p, NULL);
    for (size_t t = 0; t < mlpbn_network_n_tensors(p.s.network); t++) {
        const mlpbn_tensor tensor = api_describe(p.s.network, t);
        for (size_t r = 0; tensor.is_parameter && r < tensor.rows; r++) {
            const size_t at = tensor.offset + r * tensor.stride;
            check_derivatives(&p, parameters + at, tensor.columns, gradients + at,
                              tensor.name);
        }
    }
}

/* --- By parameters ------------------------------------------------------------------ */

LARGE_TEST(of_cross_entropy_and_squared_error, N_CASES)
{
    static const mlpbn_loss losses[] = {MLPBN_SOFTMAX_CROSS_ENTROPY,
                                        MLPBN_MEAN_SQUARED_ERROR};
    for (size_t i = 0; i < 2 * LENGTH(losses); i++) {
        const mlpbn_loss_options loss =
            api_loss_options(losses[i / 2], i % 2 ? 0.0385 : 0);
        check_problem(_i, &loss, NULL);
    }
}

/* Every loss, with weights of rows and classes, smoothing, reductions and other penalties. */
LARGE_TEST(of_every_loss, N_CASES)
{
    static const double class_weights[] = {0.61, 1.385, 0.873, 1.173};
    static const double pos_weights[] = {2.385, 0.61, 3.173, 0.731};
    const double *weights = api_random(32, 59, 0.713, 0.8385);
    const struct spec spec = shape_of(_i);
    size_t last = 0;
    while (last + 1 < MAX_LAYERS && spec.units[last + 1])
        last++;
    for (int which = 1; which <= LAST_LOSS; which++) {
        mlpbn_loss_options loss = api_loss_options((mlpbn_loss)which, 0.0385);
        const int softmax = which == MLPBN_SOFTMAX_CROSS_ENTROPY;
        const int sigmoid = which == MLPBN_SIGMOID_CROSS_ENTROPY;
        loss.pos_weights = sigmoid ? pos_weights : NULL;
        loss.n_pos_weights = sigmoid ? spec.units[last] : 0;
        if (softmax || sigmoid || which == MLPBN_SOFT_CROSS_ENTROPY) {
            loss.class_weights = class_weights;
            loss.n_class_weights = spec.units[last];
        }
        loss.label_smoothing = softmax ? 0.173 : 0;
        loss.huber_delta = which == MLPBN_HUBER ? 0.731 : 1;
        loss.quantile = which == MLPBN_PINBALL ? 0.831 : 0.5;
        loss.reduction = (mlpbn_reduction)((_i + which) % LAST_REDUCTION + 1);
        loss.penalty = MLPBN_L2_HALF_SUM;
        loss.penalty_kinds = MLPBN_ALL_PARAMETERS;
        check_problem(_i, &loss, weights);
    }
}

LARGE_TEST(of_a_loss_of_ones_own, N_CASES)
{
    check_problem(_i, NULL, NULL);
}

/* Set by the call, parameters count just as well. */
TEST(through_set)
{
    const struct problem p = make_problem(6, &api_penalized);
    const double *gradients = gradient_of(&p, NULL);
    for (size_t t = 0; t < mlpbn_network_n_tensors(p.s.network); t++) {
        const mlpbn_tensor tensor = api_describe(p.s.network, t);
        double *values = api_tensor(p.s.network, tensor.layer, tensor.kind);
        if (!tensor.is_parameter)
            continue;
        values[0] += H;
        api_set(p.s.network, tensor.layer, tensor.kind, values);
        const double above = objective(&p);
        values[0] -= 2 * H;
        api_set(p.s.network, tensor.layer, tensor.kind, values);
        const double below = objective(&p);
        values[0] += H;
        api_set(p.s.network, tensor.layer, tensor.kind, values);
        api_assert_near(gradients[tensor.offset], (above - below) / (2 * H), 1e-8,
                        tensor.name);
    }
}

LARGE_TEST(of_the_inputs, N_CASES)
{
    const struct problem p = make_problem(_i, NULL);
    const size_t n = p.s.rows.n * p.s.rows.columns;
    double *dx = api_alloc(n, sizeof *dx);
    gradient_of(&p, dx);
    check_derivatives(&p, p.s.x, n, dx, "dx");
}

/* --- f32 ---------------------------------------------------------------------------- */

/* One tensor's gradient in both arrays, which need not be padded alike. */
static void check_widened(const mlpbn_tensor *tensor_f32, const double *got,
                          const mlpbn_tensor *wide, const double *expected,
                          double tolerance)
{
    double size = 1;
    for (size_t r = 0; r < wide->rows; r++)
        size = fmax(
            size, api_max_abs(expected + wide->offset + r * wide->stride, wide->columns));
    for (size_t r = 0; r < wide->rows; r++)
        api_assert_close(got + tensor_f32->offset + r * tensor_f32->stride,
                         expected + wide->offset + r * wide->stride, wide->columns,
                         size * tolerance, wide->name);
}

/* Data and parameters are rounded to float, where both networks are the same. */
static void check_f32(int i, mlpbn_loss which)
{
    const mlpbn_loss_options loss = api_loss_options(which, 0.0385);
    struct problem p = make_problem(i, &loss);
    struct setup f32 = p.s;
    if (!api_loss_fits(which, p.s.network))
        return;
    for (size_t j = 0; j < p.s.rows.n * p.s.rows.columns; j++)
        ((double *)p.s.x)[j] = (double)(float)((double *)p.s.x)[j];
    f32.network = api_clone(p.s.network, MLPBN_F32);
    f32.workspace = api_workspace(f32.network, f32.rows.n, 1);
    p.s.network = api_clone(f32.network, MLPBN_F64);
    p.s.workspace = api_workspace(p.s.network, p.s.rows.n, 1);

    /* Forth and back through all layers, where the sums over rows join in. */
    const double epsilon = reference_tolerance(f32.network);
    const double slack = (2 + (double)p.s.rows.n) * epsilon;
    const double cost = objective(&p);
    const double *expected = gradient_of(&p, NULL);
    const mlpbn_metrics metrics = setup_metrics(&f32, &loss);
    const double *got = api_gradients(f32.network, f32.workspace);
    for (size_t t = 0; t < mlpbn_network_n_tensors(f32.network); t++) {
        const mlpbn_tensor tensor_f32 = api_describe(f32.network, t);
        const mlpbn_tensor wide = api_describe(p.s.network, t);
        if (wide.is_parameter)
            check_widened(&tensor_f32, got, &wide, expected, slack);
    }
    api_assert_near(metrics.cost, cost, 4 * (1 + cost) * epsilon, "cost");
}

LOOP_TEST(in_f32_are_those_in_f64, N_CASES)
{
    check_f32(_i, MLPBN_SOFTMAX_CROSS_ENTROPY);
    check_f32(_i, MLPBN_MEAN_SQUARED_ERROR);
}
