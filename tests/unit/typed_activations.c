/* Activations and their derivatives against long double, from denormals to 1e30. */
#include "typed_helpers.h"
#include "model/activation_table.h"
#include "unit_suites.h"

typedef long double function(long double x, long double alpha);

static long double identity(long double x, long double alpha)
{
    (void)alpha;
    return x;
}
static long double one(long double x, long double alpha)
{
    (void)x, (void)alpha;
    return 1;
}
static long double leaky(long double x, long double alpha)
{
    return x > 0 ? x : alpha * x;
}
static long double leaky_slope(long double x, long double alpha)
{
    return x > 0 ? 1 : alpha;
}
static long double elu(long double x, long double alpha)
{
    return x > 0 ? x : alpha * expm1l(x);
}
static long double elu_slope(long double x, long double alpha)
{
    return x > 0 ? 1 : alpha * expl(x);
}
static long double selu(long double x, long double alpha)
{
    (void)alpha;
    return 1.050700987355480493419L * elu(x, 1.673263242354377284817L);
}
static long double selu_slope(long double x, long double alpha)
{
    (void)alpha;
    return 1.050700987355480493419L * elu_slope(x, 1.673263242354377284817L);
}
static long double sigmoid(long double x, long double alpha)
{
    (void)alpha;
    return 1 / (1 + expl(-x));
}
static long double sigmoid_slope(long double x, long double alpha)
{
    return sigmoid(x, alpha) * sigmoid(-x, alpha);
}
static long double tangent(long double x, long double alpha)
{
    (void)alpha;
    return tanhl(x);
}
static long double tangent_slope(long double x, long double alpha)
{
    (void)alpha;
    return 1 / (coshl(x) * coshl(x));
}
static long double softplus(long double x, long double alpha)
{
    (void)alpha;
    return x > 0 ? x + log1pl(expl(-x)) : log1pl(expl(x));
}
static long double silu(long double x, long double alpha)
{
    return x * sigmoid(x, alpha);
}
static long double silu_slope(long double x, long double alpha)
{
    return sigmoid(x, alpha) + x * sigmoid_slope(x, alpha);
}
static long double gelu(long double x, long double alpha)
{
    (void)alpha;
    return x * erfcl(-x / sqrtl(2)) / 2;
}
static long double gelu_slope(long double x, long double alpha)
{
    (void)alpha;
    return erfcl(-x / sqrtl(2)) / 2 + x * expl(-x * x / 2) / sqrtl(2 * acosl(-1));
}
static long double inner(long double x)
{
    return sqrtl(2 / acosl(-1)) * (x + 0.044715L * x * x * x);
}
static long double gelu_tanh(long double x, long double alpha)
{
    return x * sigmoid(2 * inner(x), alpha);
}
static long double gelu_tanh_slope(long double x, long double alpha)
{
    long double bell = sigmoid_slope(2 * inner(x), alpha);
    long double slope = 2 * sqrtl(2 / acosl(-1)) * (1 + 3 * 0.044715L * x * x);
    return sigmoid(2 * inner(x), alpha) + (bell > 0 ? x * bell * slope : 0);
}

static const struct {
    const char *name;
    mlpbn_activation activation;
    double alpha;
    function *f, *slope;
} cases[] = {
    {"identity", MLPBN_IDENTITY, 0, identity, one},
    {"relu", MLPBN_RELU, 0, leaky, leaky_slope},
    {"leaky relu", MLPBN_LEAKY_RELU, 0.0385, leaky, leaky_slope},
    {"leaky relu, steep", MLPBN_LEAKY_RELU, 2.385, leaky, leaky_slope},
    {"leaky relu, flat", MLPBN_LEAKY_RELU, 0, leaky, leaky_slope},
    {"elu", MLPBN_ELU, 1.385, elu, elu_slope},
    {"selu", MLPBN_SELU, 0, selu, selu_slope},
    {"sigmoid", MLPBN_SIGMOID, 0, sigmoid, sigmoid_slope},
    {"tanh", MLPBN_TANH, 0, tangent, tangent_slope},
    {"softplus", MLPBN_SOFTPLUS, 0, softplus, sigmoid},
    {"silu", MLPBN_SILU, 0, silu, silu_slope},
    {"gelu", MLPBN_GELU, 0, gelu, gelu_slope},
    {"gelu, tanh", MLPBN_GELU_TANH, 0, gelu_tanh, gelu_tanh_slope},
};
enum { CASES = sizeof cases / sizeof *cases };

/* Off by a few roundings of the value, or of x near 0, or of the smallest normal number. */
static void check_at(const R(kernels) *kernels, int c, real x)
{
    const R(activation) *activation = kernels->activations + cases[c].activation;
    real alpha = (real)cases[c].alpha, y = x, d = (real)1.385, input = x;
    long double expected = cases[c].f((long double)x, (long double)alpha);
    long double slope = cases[c].slope((long double)x, (long double)alpha);
    activation->forward(1, alpha, &y);
    activation->backward(
        1, alpha,
        mlpbn__activations[cases[c].activation].needs_preactivation ? &input : &y, &d);

    const long double smallest =
        MLPBN_REAL == 32 ? (long double)FLT_MIN : (long double)DBL_MIN;
    long double size = fabsl(expected) + fminl(fabsl((long double)x), 1) + smallest;
    int exact = activation == kernels->activations + MLPBN_IDENTITY ||
                activation == kernels->activations + MLPBN_RELU;
    assert_close(y, expected, size, exact ? 0 : 8);
    assert_close(d, slope * (long double)(real)1.385, 1 + fabsl(slope), exact ? 0 : 16);
    if (!mlpbn__activations[cases[c].activation].unbounded)
        ck_assert_double_le(fabs((double)y), fabs((double)x) + 1);
}

START_TEST(values_and_slopes)
{
    static const double sizes[] = {1e-40, 1e-30, 1e-9, 1e-4, 0.0385, 0.713, 1.61,
                                   2.385, 5.17,  9.3,  17.8, 44.1,   88.9,  103.7,
                                   400,   745.3, 1e4,  1e12, 1e19,   1e30};
    const R(kernels) *kernels = kernels_of(_i / CASES);
    for (size_t s = 0; kernels && s < sizeof sizes / sizeof *sizes; s++) {
        check_at(kernels, _i % CASES, (real)sizes[s]);
        check_at(kernels, _i % CASES, (real)-sizes[s]);
    }
    real row[200];
    draw(row, 200, 2.385, 17);
    for (size_t j = 0; kernels && j < 200; j++)
        check_at(kernels, _i % CASES, row[j]);
}
END_TEST

/* At 0 the derivative is the one from the left, where left and right differ. */
START_TEST(slopes_at_the_kink)
{
    const R(kernels) *kernels = kernels_of(_i / CASES);
    int c = _i % CASES;
    for (int sign = -1; kernels && sign <= 1; sign += 2) {
        real y = sign < 0 ? (real)-0.0 : 0, d = 1;
        kernels->activations[cases[c].activation].forward(1, (real)cases[c].alpha, &y);
        kernels->activations[cases[c].activation].backward(1, (real)cases[c].alpha, &y,
                                                           &d);
        if (!mlpbn__activations[cases[c].activation].needs_preactivation)
            assert_close(d, cases[c].slope(0, (long double)(real)cases[c].alpha), 2, 4);
    }
}
END_TEST

START_TEST(nan_stays_nan)
{
    const R(kernels) *kernels = kernels_of(_i / CASES);
    real y[2] = {(real)NAN, (real)-1.385};
    if (!kernels)
        return;
    kernels->activations[cases[_i % CASES].activation].forward(
        2, (real)cases[_i % CASES].alpha, y);
    ck_assert(isnan(y[0]) && !isnan(y[1]));
}
END_TEST

enum { UNITS = 7, N = 21, LD = 32 };

START_TEST(softmax)
{
    static const double sigmas[] = {0.61, 7.385, 90, 1e4};
    const R(kernels) *kernels = kernels_of(_i);
    for (uint64_t s = 0; kernels && s < 4; s++) {
        real x[UNITS * LD], y[UNITS * LD], dy[UNITS * LD], d[UNITS * LD];
        draw(x, UNITS * LD, sigmas[s], s);
        draw(dy, UNITS * LD, 2.385, s + 9);
        for (size_t i = 0; i < UNITS * LD; i++)
            y[i] = x[i], d[i] = dy[i];
        kernels->softmax_forward(UNITS, N, LD, y);
        kernels->softmax_backward(UNITS, N, LD, y, d);
        for (size_t j = 0; j < N; j++) {
            long double p[UNITS], max = -HUGE_VALL, sum = 0, along = 0;
            for (size_t k = 0; k < UNITS; k++)
                max = fmaxl(max, (long double)x[k * LD + j]);
            for (size_t k = 0; k < UNITS; k++)
                sum += p[k] = expl((long double)x[k * LD + j] - max);
            for (size_t k = 0; k < UNITS; k++)
                along += (p[k] /= sum) * (long double)dy[k * LD + j];
            for (size_t k = 0; k < UNITS; k++) {
                assert_close(y[k * LD + j], p[k], 1, 8);
                assert_close(d[k * LD + j], p[k] * ((long double)dy[k * LD + j] - along),
                             5, 16);
            }
        }
        for (size_t k = 0; k < UNITS; k++) /* padding is zeroed, and left alone */
            ck_assert(y[k * LD + N] == 0 && d[k * LD + N] == dy[k * LD + N]);
    }
}
END_TEST

/* Whose units are neighbours: it has the bits that it has beside others. */
START_TEST(softmax_of_a_single_row)
{
    const R(kernels) *kernels = kernels_of(_i);
    for (size_t units = 1; kernels && units < 40; units++) {
        real many[40 * LD], alone[48] = {0};
        draw(many, 40 * LD, 7.385, units);
        for (size_t k = 0; k < units; k++)
            alone[k] = many[k * LD + 3];
        kernels->softmax_forward(units, N, LD, many);
        kernels->softmax_forward(units, 1, 1, alone);
        for (size_t k = 0; k < units; k++)
            ck_assert_mem_eq(alone + k, many + k * LD + 3, sizeof *alone);
        for (size_t k = units; k < 48; k++)
            ck_assert_double_eq((double)alone[k], 0);
    }
}
END_TEST

Suite *R(activation_suite)(void)
{
    Suite *suite = suite_create(MLPBN_REAL == 32 ? "activations f32" : "activations f64");
    TCase *tests = tcase_create("activations");
    tcase_add_loop_test(tests, values_and_slopes, 0, ISA_COUNT * CASES);
    tcase_add_loop_test(tests, slopes_at_the_kink, 0, ISA_COUNT * CASES);
    tcase_add_loop_test(tests, nan_stays_nan, 0, ISA_COUNT * CASES);
    tcase_add_loop_test(tests, softmax, 0, ISA_COUNT);
    tcase_add_loop_test(tests, softmax_of_a_single_row, 0, ISA_COUNT);
    suite_add_tcase(suite, tests);
    return suite;
}
