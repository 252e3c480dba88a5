/* Activations and their derivatives against long double, from denormals to 1e30. */
#include "typed_helpers.h"
#include "model/activation_table.h"

#include "../reference/activation_reference.h"

typedef struct activation_case {
    mlpbn_activation activation;
    real alpha;
} activation_case;

/* Each activation once, and some of them with other alphas. */
static const activation_case others[] = {
    {MLPBN_LEAKY_RELU, (real)2.385}, {MLPBN_LEAKY_RELU, 0}, {MLPBN_ELU, (real)0.713}};
enum {
    ACTIVATIONS = MLPBN__ACTIVATION_END - MLPBN_IDENTITY,
    CASES = ACTIVATIONS + LENGTH(others)
};

static activation_case case_of(int i)
{
    int c = i % CASES;
    if (c >= ACTIVATIONS)
        return others[c - ACTIVATIONS];
    mlpbn_activation activation = (mlpbn_activation)(MLPBN_IDENTITY + c);
    double alpha = mlpbn__activations[activation].default_alpha;
    return (activation_case){activation, (real)(alpha > 0 ? alpha + 0.0285 : 0)};
}

/* Off by a few roundings of the value, or of x near 0, or of the smallest normal number. */
static void check_at(const R(kernels) *kernels, activation_case c, real x)
{
    const R(activation) *activation = kernels->activations + c.activation;
    real alpha = c.alpha, y = x, d = (real)1.385, input = x;
    long double expected =
        activation_reference(c.activation, (long double)alpha, (long double)x);
    long double slope =
        activation_reference_derivative(c.activation, (long double)alpha, (long double)x);
    activation->forward(1, alpha, &y);
    activation->backward(
        1, alpha, mlpbn__activations[c.activation].needs_preactivation ? &input : &y, &d);

    const long double smallest =
        MLPBN_REAL == 32 ? (long double)FLT_MIN : (long double)DBL_MIN;
    long double size = fabsl(expected) + fminl(fabsl((long double)x), 1) + smallest;
    int exact = activation == kernels->activations + MLPBN_IDENTITY ||
                activation == kernels->activations + MLPBN_RELU;
    assert_close(y, expected, size, exact ? 0 : 8);
    assert_close(d, slope * (long double)(real)1.385, 1 + fabsl(slope), exact ? 0 : 16);
    if (!mlpbn__activations[c.activation].may_overflow)
        ck_assert_double_le(fabs((double)y), fabs((double)x) + 1);
}

/* At 0 the derivative is the one from the left, where left and right differ. */
static void check_at_zero(const R(activation) *activation, activation_case c, real zero)
{
    const long double alpha = (long double)c.alpha;
    real y = zero, d = 1;
    activation->forward(1, c.alpha, &y);
    activation->backward(1, c.alpha, &y, &d);
    if (!mlpbn__activations[c.activation].needs_preactivation)
        assert_close(d, activation_reference_derivative(c.activation, alpha, 0), 2, 4);
}

KERNEL_TEST(values_slopes_and_nan, CASES)
{
    static const double sizes[] = {1e-40, 1e-30, 1e-9, 1e-4, 0.0385, 0.713, 1.61,
                                   2.385, 5.17,  9.3,  17.8, 44.1,   88.9,  103.7,
                                   400,   745.3, 1e4,  1e12, 1e19,   1e30};
    const activation_case c = case_of(_i);
    const R(activation) *activation = kernels->activations + c.activation;
    real row[200], with_nan[2] = {(real)NAN, (real)-1.385};
    if (c.activation == MLPBN_SOFTMAX)
        return; /* it has tests of its own below */
    for (size_t s = 0; s < LENGTH(sizes); s++) {
        check_at(kernels, c, (real)sizes[s]);
        check_at(kernels, c, (real)-sizes[s]);
    }
    draw(row, 200, 2.385, 17);
    for (size_t j = 0; j < 200; j++)
        check_at(kernels, c, row[j]);
    check_at_zero(activation, c, (real)-0.0);
    check_at_zero(activation, c, 0);
    activation->forward(2, c.alpha, with_nan);
    ck_assert(isnan(with_nan[0]) && !isnan(with_nan[1]));
}

/* x f''(x): how much a relative change of x changes the derivative. */
static long double sensitivity(activation_case c, long double x)
{
    const long double e = 1e-7L, alpha = (long double)c.alpha;
    return (activation_reference_derivative(c.activation, alpha, x * (1 + e)) -
            activation_reference_derivative(c.activation, alpha, x * (1 - e))) /
           (2 * e);
}

/* Derivatives that are a difference, or in whose exponent stands a power of x, are right for an
 * x that is a few epsilons off; all others are right to a few epsilons. */
static int is_exact_for_x_nearby(mlpbn_activation activation)
{
    return activation == MLPBN_SILU || activation == MLPBN_GELU ||
           activation == MLPBN_GELU_TANH || activation == MLPBN_HARD_SWISH ||
           activation == MLPBN_MISH;
}

/* By how much a formula multiplies an exponential that is below the smallest normal number. */
static long double subnormal_factor(mlpbn_activation activation, long double x)
{
    if (activation == MLPBN_GELU_TANH)
        return 1 + fabsl(x * x * x);
    return is_exact_for_x_nearby(activation) ? 1 + fabsl(x) : 1;
}

/* The relative error of the derivative at x, in epsilons; or relative to the smallest normal
 * number, below which digits are lost. */
static long double slope_error(const R(kernels) *kernels, activation_case c, real x)
{
    const R(activation) *activation = kernels->activations + c.activation;
    real y = x, d = 1;
    long double slope = activation_reference_derivative(
        c.activation, (long double)c.alpha, (long double)x);
    long double size = fabsl(slope) + (long double)REAL_MIN *
                                          subnormal_factor(c.activation, (long double)x);
    if (is_exact_for_x_nearby(c.activation))
        size += fabsl(sensitivity(c, (long double)x));
    if (!mlpbn__activations[c.activation].needs_preactivation)
        activation->forward(1, c.alpha, &y);
    activation->backward(1, c.alpha, &y, &d);
    return fabsl((long double)d - slope) / size / (long double)REAL_EPSILON;
}

/* From -1e4 to 1e4, in steps of 1/64 up to 128, and then of 1 %. */
KERNEL_TEST(derivatives_keep_their_digits, CASES)
{
    const activation_case c = case_of(_i);
    long double worst = 0;
    real at = 0;
    if (c.activation == MLPBN_SOFTMAX || (MLPBN_REAL == 64 && !long_double_is_wider()))
        return;
    for (double x = 1. / 64; x < 1e4; x = x < 128 ? x + 1. / 64 : 1.01 * x)
        for (int sign = -1; sign <= 1; sign += 2) {
            real signed_x = (real)(sign * x);
            long double error = slope_error(kernels, c, signed_x);
            if (!(error <= worst)) {
                worst = error;
                at = signed_x;
            }
        }
    ck_assert_msg(worst <= 6, "%s: %Lg epsilons at %.9g",
                  mlpbn__activations[c.activation].name, worst, (double)at);
}

enum { UNITS = 7, N = 21, LD = 32 };

KERNEL_TEST(softmax, 1)
{
    static const double sigmas[] = {0.61, 7.385, 90, 1e4};
    for (uint64_t s = 0; s < 4; s++) {
        real x[UNITS * LD], y[UNITS * LD], dy[UNITS * LD], d[UNITS * LD];
        draw(x, UNITS * LD, sigmas[s], s);
        draw(dy, UNITS * LD, 2.385, s + 9);
        for (size_t i = 0; i < UNITS * LD; i++)
            y[i] = x[i], d[i] = dy[i];
        R(softmax_args) args = {UNITS, N, LD, y, d};
        kernels->softmax_forward(&args);
        kernels->softmax_backward(&args);
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

/* Whose units are neighbours: it has the bits that it has beside others. */
KERNEL_TEST(softmax_of_a_single_row, 1)
{
    for (size_t units = 1; units < 40; units++) {
        real many[40 * LD], alone[48] = {0};
        draw(many, 40 * LD, 7.385, units);
        for (size_t k = 0; k < units; k++)
            alone[k] = many[k * LD + 3];
        kernels->softmax_forward(&(R(softmax_args)){units, N, LD, many, NULL});
        kernels->softmax_forward(&(R(softmax_args)){units, 1, 1, alone, NULL});
        for (size_t k = 0; k < units; k++)
            ck_assert_mem_eq(alone + k, many + k * LD + 3, sizeof *alone);
        for (size_t k = units; k < 48; k++)
            ck_assert_double_eq((double)alone[k], 0);
    }
}
