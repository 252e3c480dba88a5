/* The gradient check finds planted errors: kernels are replaced by wrong ones, one at a
 * time, and the tensors that suffer are named. */
#include "typed_helpers.h"

#include <mlpbn.h>

enum { INPUTS = 5, WIDE = 6, CLASSES = 3, ROWS = 9 };

static R(kernels) wrong;        /* the table with the wrong kernel */
static const R(kernels) *right; /* the one it was made from */
static mlpbn_network *network;

static size_t index_of(size_t layer, mlpbn_tensor_kind kind)
{
    mlpbn_tensor tensor = MLPBN_TENSOR_INIT;
    const mlpbn_layer *l = mlpbn_network_layer(network, layer);
    SUCCEEDS(mlpbn_layer_tensor(&tensor, l, kind));
    return tensor.index;
}

/* --- Wrong kernels ------------------------------------------------------------------ */

static void variance_over_n_less_1(R(batchnorm_args) *args)
{
    mlpbn__moments other = *args->moments;
    R(batchnorm_args) changed = *args;
    other.inverse_deviation *= sqrt((double)(args->n - 1) / (double)args->n);
    changed.moments = &other;
    right->batchnorm_backward(&changed);
    args->d_gamma = changed.d_gamma;
    args->d_beta = changed.d_beta;
}

static void mean_term_missing(R(batchnorm_args) *args)
{
    real before[ROWS];
    memcpy(before, args->d, args->n * sizeof *args->d);
    right->batchnorm_backward(args);
    for (size_t j = 0; j < args->n; j++)
        args->d[j] = args->gamma * (real)args->moments->inverse_deviation *
                     (before[j] - args->x[j] * args->d_gamma / (real)args->n);
}

static void gamma_forgotten(R(batchnorm_args) *args)
{
    args->gamma = 1;
    right->batchnorm_backward(args);
}

static size_t biases; /* whose gradients were computed: those of the last layer first */

static double penalized_bias(size_t n, const real *x)
{
    double bias[CLASSES];
    SUCCEEDS(mlpbn_network_get_f64(network, index_of(2, MLPBN_BIAS), bias, CLASSES));
    double penalty = biases < CLASSES ? 2 * 0.0385 * bias[biases] : 0;
    biases++;
    return right->sum(n, x) + penalty;
}

/* The gradient of the square weights in the middle, transposed. */
static void transposed_product(const R(gemm_args) *args)
{
    R(gemm_args) g = *args;
    if (g.m == WIDE && g.n == WIDE) {
        g.a = args->b;
        g.rs_a = args->cs_b;
        g.b = args->a;
        g.cs_b = args->rs_a;
    }
    right->gemm_dot(&g);
}

/* --- What the check says ------------------------------------------------------------ */

/* A kernel that takes the place of the right one, if it is not NULL. */
static const struct {
    void (*batchnorm_backward)(R(batchnorm_args) *args);
    double (*sum)(size_t n, const real *x);
    void (*gemm_dot)(const R(gemm_args) *args);
    const char *failing; /* the names of tensors that fail, in order */
} cases[] = {
    {NULL, NULL, NULL, ""},
    {variance_over_n_less_1, NULL, NULL, "layer0.weight x "},
    {mean_term_missing, NULL, NULL, "layer0.weight x "},
    {gamma_forgotten, NULL, NULL, "layer0.weight x "},
    {NULL, penalized_bias, NULL, "layer2.bias "},
    {NULL, NULL, transposed_product, "layer1.weight "},
};

static void make_network(void)
{
    static const mlpbn_batchnorm_options batchnorm = MLPBN_BATCHNORM_OPTIONS_INIT;
    mlpbn_network_options options = MLPBN_NETWORK_OPTIONS_INIT(INPUTS);
    mlpbn_layer_options layers[] = {MLPBN_LAYER_OPTIONS_INIT(WIDE, MLPBN_TANH),
                                    MLPBN_LAYER_OPTIONS_INIT(WIDE, MLPBN_RELU),
                                    MLPBN_LAYER_OPTIONS_INIT(CLASSES, MLPBN_IDENTITY)};
    static const double gamma[WIDE] = {1.385, 0.61, 1.173, 0.831, 2.17, 0.713};
    static const double bias[CLASSES] = {0.385, -0.613, 0.173};
    options.dtype = REAL_DTYPE;
    options.seed = 2385;
    layers[0].batchnorm = &batchnorm;
    SUCCEEDS(mlpbn_network_create(&network, &options, layers, 3));
    SUCCEEDS(mlpbn_network_set_f64(network, index_of(0, MLPBN_GAMMA), gamma, WIDE));
    SUCCEEDS(mlpbn_network_set_f64(network, index_of(2, MLPBN_BIAS), bias, CLASSES));
}

static mlpbn_gradcheck_report *check(void)
{
    static const int32_t labels[ROWS] = {0, 2, 1, 1, 0, 2, 2, 0, 1};
    real x[ROWS * INPUTS];
    mlpbn_loss_options loss = MLPBN_LOSS_OPTIONS_INIT;
    mlpbn_rows rows = MLPBN_ROWS_INIT(x, REAL_DTYPE, ROWS, INPUTS);
    mlpbn_gradcheck_report *report;
    draw(x, ROWS * INPUTS, 1.61, 17);
    rows.labels = labels;
    loss.lambda = 0.0385;
    SUCCEEDS(mlpbn_gradcheck(&report, network, &rows, &loss, NULL));
    return report;
}

LOOP_TEST(planted_errors_are_named, LENGTH(cases))
{
    char failing[200] = "";
    make_network();
    right = R(select_kernels)();
    wrong = *right;
    if (cases[_i].batchnorm_backward)
        wrong.batchnorm_backward = cases[_i].batchnorm_backward;
    if (cases[_i].sum)
        wrong.sum = cases[_i].sum;
    if (cases[_i].gemm_dot)
        wrong.gemm_dot = cases[_i].gemm_dot;
    biases = 0;
    R(use_kernels)(&wrong);
    mlpbn_gradcheck_report *report = check();
    R(use_kernels)(NULL);
    for (size_t i = 0; i < mlpbn_gradcheck_results(report); i++) {
        mlpbn_gradcheck_result result = MLPBN_GRADCHECK_RESULT_INIT;
        SUCCEEDS(mlpbn_gradcheck_get(&result, report, i));
        if (result.verdict == MLPBN_GRADIENT_FAILED) {
            strcat(failing, result.name);
            strcat(failing, " ");
            ck_assert_double_gt(result.relative_error, 0.01);
        }
    }
    ck_assert_str_eq(failing, cases[_i].failing);
    ck_assert_int_eq(mlpbn_gradcheck_passed(report), failing[0] == '\0');
    mlpbn_gradcheck_destroy(report);
    mlpbn_network_destroy(network);
}
