/* Forward and backward kernels of the activations. mlpbn/layer.h has the formulas. The kernels
 * process n values and do not touch the padding, which was zeroed before. (Softmax zeroes it.)
 *
 * Backward reads the output y, or the input x if the activation needs it
 * (model/activation_table.h). On entry d is dL/dy, on return it is dL/dx. Large x give no NaN:
 * exponentials have arguments <= 0. */
#include "base/array.h"
#include "kernel/exp.h"
#include "kernel/real_math.h"

static void identity_forward(size_t n, real alpha, real *y)
{
    (void)n, (void)alpha, (void)y;
}

static void identity_backward(size_t n, real alpha, const real *y, real *d)
{
    (void)n, (void)alpha, (void)y, (void)d;
}

/* The comparison is false for a NaN, which is kept. */
static void relu_forward(size_t n, real alpha, real *y)
{
    (void)alpha;
    for (size_t j = 0; j < n; j++)
        y[j] = y[j] < 0 ? 0 : y[j];
}

static void relu_backward(size_t n, real alpha, const real *y, real *d)
{
    (void)alpha;
    for (size_t j = 0; j < n; j++)
        d[j] = y[j] > 0 ? d[j] : 0;
}

static void leaky_relu_forward(size_t n, real alpha, real *y)
{
    for (size_t j = 0; j < n; j++)
        y[j] = y[j] < 0 ? alpha * y[j] : y[j];
}

static void leaky_relu_backward(size_t n, real alpha, const real *y, real *d)
{
    for (size_t j = 0; j < n; j++)
        d[j] = y[j] > 0 ? d[j] : alpha * d[j];
}

static void elu_forward(size_t n, real alpha, real *y)
{
    for (size_t j = 0; j < n; j++)
        y[j] = y[j] < 0 ? alpha * REAL_MATH(expm1)(y[j]) : y[j];
}

/* The derivative of F64_LANES values. */
typedef vec_f64 slope_fn(vec_f64 x, double alpha);

/* d *= slope(x), in double. The last values are computed in copies of a whole vector. */
static inline void multiply_by_slope(slope_fn *slope, size_t n, double alpha,
                                     const real *x, real *d)
{
    real last_x[F64_LANES] = {0}, last_d[F64_LANES] = {0};
    size_t j = 0, rest = n % F64_LANES;
    for (; j + F64_LANES <= n; j += F64_LANES)
        store_f64(load_f64(d + j) * slope(load_f64(x + j), alpha), d + j);
    if (rest == 0)
        return;
    memcpy(last_x, x + j, rest * sizeof *x);
    memcpy(last_d, d + j, rest * sizeof *d);
    store_f64(load_f64(last_d) * slope(load_f64(last_x), alpha), last_d);
    memcpy(d + j, last_d, rest * sizeof *d);
}

/* exp(x) for x <= 0, also where it is subnormal, unlike vec_exp. */
static inline vec_f64 exp_of_negative(vec_f64 x)
{
    vec_f64 root = vec_exp(x / 2);
    return root * root;
}

/* The derivative for x < 0 is alpha exp(x). It is not computed as y + alpha, which loses its
 * digits where exp(x) is small. */
static inline vec_f64 elu_slope(vec_f64 x, double alpha)
{
    vec_f64 e = exp_of_negative(vec_select(x > 0, (vec_f64){0}, x));
    return vec_select(x > 0, vec_f64_broadcast(1), alpha * e);
}

static void elu_backward(size_t n, real alpha, const real *x, real *d)
{
    multiply_by_slope(elu_slope, n, (double)alpha, x, d);
}

static const real selu_scale = (real)1.0507009873554804934,
                  selu_alpha = (real)1.6732632423543772848;

static void selu_forward(size_t n, real alpha, real *y)
{
    elu_forward(n, selu_alpha, y);
    (void)alpha;
    for (size_t j = 0; j < n; j++)
        y[j] *= selu_scale;
}

static inline vec_f64 selu_slope(vec_f64 x, double alpha)
{
    (void)alpha;
    return (double)selu_scale * elu_slope(x, (double)selu_alpha);
}

static void selu_backward(size_t n, real alpha, const real *x, real *d)
{
    multiply_by_slope(selu_slope, n, (double)alpha, x, d);
}

/* Returns s(x); *slope = s'(x) = s(x) s(-x), where s(-x) is not computed as 1 - s(x), which
 * would lose its digits if it is small. */
static inline real sigmoid(real x, real *slope)
{
    real e = REAL_MATH(exp)(x < 0 ? x : -x);
    *slope = e / ((1 + e) * (1 + e));
    return (x < 0 ? e : 1) / (1 + e);
}

static void sigmoid_forward(size_t n, real alpha, real *y)
{
    real slope;
    (void)alpha;
    for (size_t j = 0; j < n; j++)
        y[j] = sigmoid(y[j], &slope);
}

/* s'(x) = s(x) s(-x). y (1 - y) would lose its digits where y is close to 1. */
static inline vec_f64 sigmoid_slope(vec_f64 x, double alpha)
{
    vec_f64 e = exp_of_negative(vec_select(x > 0, -x, x));
    (void)alpha;
    return e / ((1 + e) * (1 + e));
}

static void sigmoid_backward(size_t n, real alpha, const real *x, real *d)
{
    multiply_by_slope(sigmoid_slope, n, (double)alpha, x, d);
}

static void tanh_forward(size_t n, real alpha, real *y)
{
    (void)alpha;
    for (size_t j = 0; j < n; j++)
        y[j] = REAL_MATH(tanh)(y[j]);
}

/* tanh(x) = 2 s(2 x) - 1, so that the derivative is 4 s'(2 x). (1 - y) (1 + y) would lose its
 * digits where |y| is close to 1. */
static inline vec_f64 tanh_slope(vec_f64 x, double alpha)
{
    return 4 * sigmoid_slope(2 * x, alpha);
}

static void tanh_backward(size_t n, real alpha, const real *x, real *d)
{
    multiply_by_slope(tanh_slope, n, (double)alpha, x, d);
}

/* y = log(1 + exp(x)), whose derivative sigmoid(x) is 1 - exp(-y). */
static void softplus_forward(size_t n, real alpha, real *y)
{
    (void)alpha;
    for (size_t j = 0; j < n; j++) {
        real log1p_exp = REAL_MATH(log1p)(REAL_MATH(exp)(y[j] < 0 ? y[j] : -y[j]));
        y[j] = y[j] < 0 ? log1p_exp : y[j] + log1p_exp;
    }
}

static void softplus_backward(size_t n, real alpha, const real *y, real *d)
{
    (void)alpha;
    for (size_t j = 0; j < n; j++)
        d[j] *= -REAL_MATH(expm1)(-y[j]);
}

static void silu_forward(size_t n, real alpha, real *y)
{
    real slope;
    (void)alpha;
    for (size_t j = 0; j < n; j++)
        y[j] *= sigmoid(y[j], &slope);
}

static void silu_backward(size_t n, real alpha, const real *x, real *d)
{
    (void)alpha;
    for (size_t j = 0; j < n; j++) {
        real slope, s = sigmoid(x[j], &slope);
        d[j] *= s + x[j] * slope;
    }
}

/* Phi, the cumulative distribution function of the normal distribution, and its density. */
static inline real normal_cdf(real x)
{
    return REAL_MATH(erfc)(x * (real)-0.70710678118654752440) / 2;
}

static inline real normal_pdf(real x)
{
    return REAL_MATH(exp)(x * x / -2) * (real)0.39894228040143267794;
}

static void gelu_forward(size_t n, real alpha, real *y)
{
    (void)alpha;
    for (size_t j = 0; j < n; j++)
        y[j] *= normal_cdf(y[j]);
}

static void gelu_backward(size_t n, real alpha, const real *x, real *d)
{
    (void)alpha;
    for (size_t j = 0; j < n; j++)
        d[j] *= normal_cdf(x[j]) + x[j] * normal_pdf(x[j]);
}

/* (1 + tanh(u)) / 2 is sigmoid(2 u), which keeps its digits where tanh is close to -1. */
static const real gelu_scale = (real)1.5957691216057307118, /* 2 sqrt(2 / pi) */
    gelu_cubic = (real)0.044715;

static void gelu_tanh_forward(size_t n, real alpha, real *y)
{
    real slope;
    (void)alpha;
    for (size_t j = 0; j < n; j++)
        y[j] *= sigmoid(gelu_scale * (y[j] + gelu_cubic * y[j] * y[j] * y[j]), &slope);
}

static void gelu_tanh_backward(size_t n, real alpha, const real *x, real *d)
{
    (void)alpha;
    for (size_t j = 0; j < n; j++) {
        real cubic_x2 = gelu_cubic * x[j] * x[j];
        real slope, s = sigmoid(gelu_scale * (x[j] + cubic_x2 * x[j]), &slope);
        real inner_slope = gelu_scale * (1 + 3 * cubic_x2);
        /* slope underflows to 0 long before inner_slope overflows */
        d[j] *= s + (slope > 0 ? x[j] * slope * inner_slope : 0);
    }
}

static void relu6_forward(size_t n, real alpha, real *y)
{
    (void)alpha;
    for (size_t j = 0; j < n; j++)
        y[j] = y[j] < 0 ? 0 : y[j] > 6 ? 6 : y[j];
}

static void relu6_backward(size_t n, real alpha, const real *x, real *d)
{
    (void)alpha;
    for (size_t j = 0; j < n; j++)
        d[j] = x[j] > 0 && x[j] < 6 ? d[j] : 0;
}

static void hard_sigmoid_forward(size_t n, real alpha, real *y)
{
    (void)alpha;
    for (size_t j = 0; j < n; j++)
        y[j] = y[j] < -3 ? 0 : y[j] > 3 ? 1 : (y[j] + 3) / 6;
}

static void hard_sigmoid_backward(size_t n, real alpha, const real *x, real *d)
{
    (void)alpha;
    for (size_t j = 0; j < n; j++)
        d[j] = x[j] > -3 && x[j] < 3 ? d[j] / 6 : 0;
}

static void hard_swish_forward(size_t n, real alpha, real *y)
{
    (void)alpha;
    for (size_t j = 0; j < n; j++)
        y[j] = y[j] < -3 ? 0 : y[j] > 3 ? y[j] : y[j] * ((y[j] + 3) / 6);
}

static void hard_swish_backward(size_t n, real alpha, const real *x, real *d)
{
    (void)alpha;
    for (size_t j = 0; j < n; j++)
        d[j] *= x[j] <= -3 ? 0 : x[j] >= 3 ? 1 : x[j] / 3 + (real)0.5;
}

/* tanh(log(1 + E)) with E = exp(x) is (E^2 + 2 E) / (E^2 + 2 E + 2). For x > 0 numerator and
 * denominator are divided by E^2, so that nothing overflows; e is E, or 1 / E for x > 0.
 * *slope: the derivative with respect to x. */
static inline real tanh_softplus(real x, real *slope)
{
    real e = REAL_MATH(exp)(x < 0 ? x : -x), square = e * e;
    real numerator = x < 0 ? square + 2 * e : 1 + 2 * e;
    real denominator = x < 0 ? numerator + 2 : numerator + 2 * square;
    *slope = 4 * e * (1 + e) * (x < 0 ? 1 : e) / (denominator * denominator);
    return numerator / denominator;
}

static void mish_forward(size_t n, real alpha, real *y)
{
    real slope;
    (void)alpha;
    for (size_t j = 0; j < n; j++)
        y[j] *= tanh_softplus(y[j], &slope);
}

static void mish_backward(size_t n, real alpha, const real *x, real *d)
{
    (void)alpha;
    for (size_t j = 0; j < n; j++) {
        real slope, t = tanh_softplus(x[j], &slope);
        d[j] *= t + x[j] * slope;
    }
}

const R(activation) K(activations)[] = {
    [MLPBN_IDENTITY] = {identity_forward, identity_backward},
    [MLPBN_RELU] = {relu_forward, relu_backward},
    [MLPBN_LEAKY_RELU] = {leaky_relu_forward, leaky_relu_backward},
    [MLPBN_ELU] = {elu_forward, elu_backward},
    [MLPBN_SELU] = {selu_forward, selu_backward},
    [MLPBN_SIGMOID] = {sigmoid_forward, sigmoid_backward},
    [MLPBN_TANH] = {tanh_forward, tanh_backward},
    [MLPBN_SOFTPLUS] = {softplus_forward, softplus_backward},
    [MLPBN_SILU] = {silu_forward, silu_backward},
    [MLPBN_GELU] = {gelu_forward, gelu_backward},
    [MLPBN_GELU_TANH] = {gelu_tanh_forward, gelu_tanh_backward},
    [MLPBN_SOFTMAX] = {0}, /* not elementwise: see below */
    [MLPBN_RELU6] = {relu6_forward, relu6_backward},
    [MLPBN_HARD_SIGMOID] = {hard_sigmoid_forward, hard_sigmoid_backward},
    [MLPBN_HARD_SWISH] = {hard_swish_forward, hard_swish_backward},
    [MLPBN_MISH] = {mish_forward, mish_backward},
};

MLPBN__ASSERT_ROWS(K(activations), MLPBN__ACTIVATION_END);

/* Softmax of a single row, whose units are adjacent. */
static void softmax_row(size_t units, real *y)
{
    vec_f64 unit_index;
    double sum = 0;
    real max = y[0];
    for (size_t i = 0; i < F64_LANES; i++)
        unit_index[i] = (double)i;
    for (size_t k = 1; k < units; k++)
        max = y[k] > max ? y[k] : max;
    for (size_t k = 0; k < units; k += F64_LANES, unit_index += (double)F64_LANES) {
        vec_f64 e = vec_exp(load_f64(y + k) - (double)max);
        e = vec_select(unit_index < (double)units, e, (vec_f64){0});
        for (size_t i = 0; i < F64_LANES; i++)
            sum += e[i];
        store_f64(e, y + k);
    }
    for (size_t k = 0; k < units; k += F64_LANES)
        store_f64(load_f64(y + k) / sum, y + k);
}

/* For each row: y_k = exp(x_k - max) / sum exp(x_i - max). */
void K(softmax_forward)(const R(softmax_args) *args)
{
    const size_t units = args->units, n = args->n, ld = args->ld;
    real *y = args->y;
    if (ld == 1) {
        softmax_row(units, y);
        return;
    }
    for (size_t j = 0; j < n; j += F64_LANES) {
        vec_f64 max = load_f64(y + j), sum = {0};
        for (size_t k = 1; k < units; k++) {
            vec_f64 x = load_f64(y + k * ld + j);
            max = vec_select(x > max, x, max);
        }
        for (size_t k = 0; k < units; k++) {
            vec_f64 e = vec_exp(load_f64(y + k * ld + j) - max);
            sum += e;
            store_f64(e, y + k * ld + j);
        }
        for (size_t k = 0; k < units; k++)
            store_f64(load_f64(y + k * ld + j) / sum, y + k * ld + j);
    }
    clear_padding(units, n, ld, y);
}

/* d_k <- y_k (d_k - sum_i d_i y_i) */
void K(softmax_backward)(const R(softmax_args) *args)
{
    const size_t units = args->units, n = args->n, ld = args->ld;
    const real *y = args->y;
    real *d = args->d;
    for (size_t j = 0; j < n; j++) {
        real sum = 0;
        for (size_t k = 0; k < units; k++)
            sum += d[k * ld + j] * y[k * ld + j];
        for (size_t k = 0; k < units; k++)
            d[k * ld + j] = y[k * ld + j] * (d[k * ld + j] - sum);
    }
}
