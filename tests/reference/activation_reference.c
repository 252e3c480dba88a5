#include "activation_reference.h"

#include <math.h>

typedef long double function(long double z, long double alpha);

static long double identity(long double z, long double alpha)
{
    (void)alpha;
    return z;
}
static long double one(long double z, long double alpha)
{
    (void)z, (void)alpha;
    return 1;
}
static long double relu(long double z, long double alpha)
{
    (void)alpha;
    return z > 0 ? z : 0;
}
static long double relu_derivative(long double z, long double alpha)
{
    (void)alpha;
    return z > 0;
}
static long double leaky(long double z, long double alpha)
{
    return z > 0 ? z : alpha * z;
}
static long double leaky_derivative(long double z, long double alpha)
{
    return z > 0 ? 1 : alpha;
}
static long double elu(long double z, long double alpha)
{
    return z > 0 ? z : alpha * expm1l(z);
}
static long double elu_derivative(long double z, long double alpha)
{
    return z > 0 ? 1 : alpha * expl(z);
}
static const long double selu_scale = 1.0507009873554804934193349852946L,
                         selu_alpha = 1.6732632423543772848170429916717L;
static long double selu(long double z, long double alpha)
{
    (void)alpha;
    return selu_scale * elu(z, selu_alpha);
}
static long double selu_derivative(long double z, long double alpha)
{
    (void)alpha;
    return selu_scale * elu_derivative(z, selu_alpha);
}
static long double sigmoid(long double z, long double alpha)
{
    (void)alpha;
    return 1 / (1 + expl(-z));
}
static long double sigmoid_derivative(long double z, long double alpha)
{
    return sigmoid(z, alpha) * sigmoid(-z, alpha);
}
static long double tangent(long double z, long double alpha)
{
    (void)alpha;
    return tanhl(z);
}
static long double tangent_derivative(long double z, long double alpha)
{
    (void)alpha;
    return 1 / (coshl(z) * coshl(z));
}
static long double softplus(long double z, long double alpha)
{
    (void)alpha;
    return z > 0 ? z + log1pl(expl(-z)) : log1pl(expl(z));
}
static long double silu(long double z, long double alpha)
{
    return z * sigmoid(z, alpha);
}
static long double silu_derivative(long double z, long double alpha)
{
    return sigmoid(z, alpha) + z * sigmoid_derivative(z, alpha);
}
static long double gelu(long double z, long double alpha)
{
    (void)alpha;
    return z * erfcl(-z / sqrtl(2)) / 2;
}
static long double gelu_derivative(long double z, long double alpha)
{
    (void)alpha;
    return erfcl(-z / sqrtl(2)) / 2 + z * expl(-z * z / 2) / sqrtl(2 * acosl(-1));
}
static long double gelu_inner(long double z)
{
    return sqrtl(2 / acosl(-1)) * (z + 0.044715L * z * z * z);
}
static long double gelu_tanh(long double z, long double alpha)
{
    return z * sigmoid(2 * gelu_inner(z), alpha);
}
static long double gelu_tanh_derivative(long double z, long double alpha)
{
    long double outer = sigmoid_derivative(2 * gelu_inner(z), alpha);
    long double inner = 2 * sqrtl(2 / acosl(-1)) * (1 + 3 * 0.044715L * z * z);
    return sigmoid(2 * gelu_inner(z), alpha) + (outer > 0 ? z * outer * inner : 0);
}

static long double relu6(long double z, long double alpha)
{
    (void)alpha;
    return fminl(fmaxl(z, 0), 6);
}
static long double relu6_derivative(long double z, long double alpha)
{
    (void)alpha;
    return z > 0 && z < 6;
}

static long double hard_sigmoid(long double z, long double alpha)
{
    (void)alpha;
    return fminl(fmaxl(z / 6 + 0.5L, 0), 1);
}
static long double hard_sigmoid_derivative(long double z, long double alpha)
{
    (void)alpha;
    return z > -3 && z < 3 ? 1 / 6.0L : 0;
}

static long double hard_swish(long double z, long double alpha)
{
    return z * hard_sigmoid(z, alpha);
}
static long double hard_swish_derivative(long double z, long double alpha)
{
    (void)alpha;
    return z <= -3 ? 0 : z >= 3 ? 1 : z / 3 + 0.5L;
}

static long double mish(long double z, long double alpha)
{
    return z * tanhl(softplus(z, alpha));
}
static long double mish_derivative(long double z, long double alpha)
{
    return tanhl(softplus(z, alpha)) +
           z * tangent_derivative(softplus(z, alpha), alpha) * sigmoid(z, alpha);
}

static const struct {
    function *f, *derivative;
    int n_kinks;
    long double kinks[2];
} references[] = {
    [MLPBN_IDENTITY] = {identity, one, 0, {0}},
    [MLPBN_RELU] = {relu, relu_derivative, 1, {0}},
    [MLPBN_LEAKY_RELU] = {leaky, leaky_derivative, 1, {0}},
    [MLPBN_ELU] = {elu, elu_derivative, 1, {0}},
    [MLPBN_SELU] = {selu, selu_derivative, 1, {0}},
    [MLPBN_SIGMOID] = {sigmoid, sigmoid_derivative, 0, {0}},
    [MLPBN_TANH] = {tangent, tangent_derivative, 0, {0}},
    [MLPBN_SOFTPLUS] = {softplus, sigmoid, 0, {0}},
    [MLPBN_SILU] = {silu, silu_derivative, 0, {0}},
    [MLPBN_GELU] = {gelu, gelu_derivative, 0, {0}},
    [MLPBN_GELU_TANH] = {gelu_tanh, gelu_tanh_derivative, 0, {0}},
    [MLPBN_SOFTMAX] = {identity, one, 0, {0}},
    [MLPBN_RELU6] = {relu6, relu6_derivative, 2, {0, 6}},
    [MLPBN_HARD_SIGMOID] = {hard_sigmoid, hard_sigmoid_derivative, 2, {-3, 3}},
    [MLPBN_HARD_SWISH] = {hard_swish, hard_swish_derivative, 2, {-3, 3}},
    [MLPBN_MISH] = {mish, mish_derivative, 0, {0}},
};
_Static_assert(sizeof references / sizeof *references == MLPBN__ACTIVATION_END,
               "each activation has a reference");

long double activation_reference(mlpbn_activation f, long double alpha, long double z)
{
    return references[f].f(z, alpha);
}

long double activation_reference_derivative(mlpbn_activation f, long double alpha,
                                            long double z)
{
    return references[f].derivative(z, alpha);
}

double activation_reference_kink(mlpbn_activation f, long double z)
{
    double distance = HUGE_VAL;
    for (int k = 0; k < references[f].n_kinks; k++)
        distance = fmin(distance, (double)fabsl(z - references[f].kinks[k]));
    return distance;
}
