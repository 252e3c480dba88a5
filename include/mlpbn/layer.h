/* One layer of a network: z = x W^T + b, optional batchnorm, activation, dropout. */
#ifndef MLPBN_LAYER_H
#define MLPBN_LAYER_H

#include <mlpbn/batchnorm.h>
#include <mlpbn/common.h>
#include <mlpbn/status.h>
#include <mlpbn/tensor.h>

MLPBN_BEGIN

/* An activation f(z) is applied to each unit on its own, except softmax. s(z) stands for
 * 1 / (1 + exp(-z)). No activation overflows, however large z is. The relative error of a
 * derivative is a few epsilons, down to the smallest normal number. Those of SiLU, GELU, hard
 * swish and Mish, which are sums, are the derivatives of a z that differs by a few epsilons. */
typedef enum mlpbn_activation {
    MLPBN_IDENTITY = 1, /* z */
    MLPBN_RELU = 2,     /* max(0, z); f'(0) = 0 */
    /* z for z > 0, else alpha z, also f'(0) = alpha (Maas, Hannun and Ng, 2013) */
    MLPBN_LEAKY_RELU = 3,
    /* z for z > 0, else alpha (exp(z) - 1); f'(0) = alpha (Clevert et al., 2016) */
    MLPBN_ELU = 4,
    /* 1.0507... times ELU of alpha = 1.6732... (Klambauer et al., 2017, eq. 2) */
    MLPBN_SELU = 5,
    MLPBN_SIGMOID = 6,  /* s(z) */
    MLPBN_TANH = 7,     /* tanh(z) */
    MLPBN_SOFTPLUS = 8, /* log(1 + exp(z)) (Dugas et al., 2001) */
    MLPBN_SILU = 9,     /* z s(z), also called swish (Elfwing, Uchibe and Doya, 2018) */
    /* z Phi(z), where Phi is the cumulative standard normal distribution (Hendrycks and
     * Gimpel, 2016) */
    MLPBN_GELU = 10,
    /* z (1 + tanh(sqrt(2 / pi) (z + 0.044715 z^3))) / 2, which approximates GELU */
    MLPBN_GELU_TANH = 11,
    /* exp(z_k) / sum_i exp(z_i) over the units of a row; in the last layer only */
    MLPBN_SOFTMAX = 12,
    /* min(max(0, z), 6); f'(0) = f'(6) = 0 (Krizhevsky, 2010) */
    MLPBN_RELU6 = 13,
    /* min(max(0, z / 6 + 1/2), 1), as in PyTorch; f'(-3) = f'(3) = 0 */
    MLPBN_HARD_SIGMOID = 14,
    /* z min(max(0, z / 6 + 1/2), 1) (Howard et al., 2019); f'(-3) = 0, f'(3) = 1 */
    MLPBN_HARD_SWISH = 15,
    MLPBN_MISH = 16 /* z tanh(log(1 + exp(z))) (Misra, 2019) */
} mlpbn_activation;

/* One past the last activation: the length of the library's tables. */
#define MLPBN__ACTIVATION_END (MLPBN_MISH + 1)

/* How the weights are drawn. Initially biases and beta are 0, and gamma is 1. sigma is
 * init_sigma of the layer's options. */
typedef enum mlpbn_init {
    MLPBN_INIT_HE = 1,     /* normal, variance 2 / inputs (He et al. 2015, eq. 10) */
    MLPBN_INIT_XAVIER = 2, /* normal, variance 2 / (inputs + units) (Glorot and Bengio
                            * 2010, eq. 12) */
    MLPBN_INIT_NORMAL = 3, /* normal, standard deviation sigma */
    MLPBN_INIT_ZEROS = 4,  /* all 0 */
    MLPBN_INIT_LECUN = 5,  /* normal, variance 1 / inputs (LeCun et al. 1998, eq. 16) */
    /* Uniform and symmetric around 0, with the variance of the init without _UNIFORM */
    MLPBN_INIT_HE_UNIFORM = 6,
    MLPBN_INIT_XAVIER_UNIFORM = 7,
    MLPBN_INIT_LECUN_UNIFORM = 8,
    MLPBN_INIT_UNIFORM = 9,   /* uniform on [-sigma, sigma] */
    MLPBN_INIT_CONSTANT = 10, /* all sigma */
    /* sigma times a random matrix, uniformly distributed, with orthonormal rows, or with
     * orthonormal columns if there are fewer inputs than units (Saxe, McClelland and Ganguli,
     * 2014). It takes 2 units^2 inputs multiplications, and memory for the weights in double
     * during the call. */
    MLPBN_INIT_ORTHOGONAL = 11
} mlpbn_init;

typedef struct mlpbn_layer_options {
    size_t struct_size;
    size_t units; /* outputs of the layer, >= 1; no default */
    /* Default MLPBN_RELU. The last layer of a classifier has MLPBN_IDENTITY, or MLPBN_SOFTMAX
     * if predictions are to be probabilities (mlpbn/loss.h). */
    mlpbn_activation activation;
    /* 1 (default): the layer has b; 0: it has none. Right before batchnorm b is superfluous:
     * its gradient is exactly 0. */
    int bias;
    mlpbn_init init; /* default MLPBN_INIT_HE */
    /* sigma of MLPBN_INIT_NORMAL, _UNIFORM, _CONSTANT and _ORTHOGONAL, >= 0; 9 sigma, which no
     * drawn weight exceeds, must be finite in the network's dtype. Default 0.01. With the others
     * it must be 0 or the default, because it would have no effect. */
    double init_sigma;
    /* NULL (default): no batchnorm. Only mlpbn_network_create reads it. */
    const mlpbn_batchnorm_options *batchnorm;
    /* alpha of MLPBN_LEAKY_RELU (default 0.01) and MLPBN_ELU (default 1): >= 0 and finite in the
     * network's dtype, or MLPBN_DEFAULT_ALPHA, which stands for the default. With the others it
     * must be 0 or MLPBN_DEFAULT_ALPHA, because it would have no effect. */
    double alpha;
    /* The probability that an output of this layer, after activation and batchnorm, is set to
     * 0 in training. The other outputs are divided by 1 - dropout, so that prediction uses all
     * of them unchanged (Srivastava et al., 2014). In [0, 1), and 0 in the last layer. Default
     * 0. mlpbn_network_steps describes what the masks depend on. */
    double dropout;
} mlpbn_layer_options;

#define MLPBN_DEFAULT_ALPHA (-1.)

#define MLPBN_LAYER_OPTIONS_INIT(units, activation)                                      \
    {                                                                                    \
        sizeof(mlpbn_layer_options), MLPBN__SIZE(units), activation, 1, MLPBN_INIT_HE,   \
            0.01, NULL, MLPBN_DEFAULT_ALPHA, 0                                           \
    }

/* Fills in the defaults, and units = 0.
 *
 * MLPBN_EINVAL  options is NULL, or struct_size cannot be its size
 */
MLPBN_API MLPBN_MUST_CHECK mlpbn_status
mlpbn_layer_options_init(mlpbn_layer_options *options, size_t struct_size);

/* What a layer was made with. layer must not be NULL; these never fail. */
MLPBN_API size_t mlpbn_layer_inputs(const mlpbn_layer *layer);
MLPBN_API size_t mlpbn_layer_units(const mlpbn_layer *layer);
MLPBN_API mlpbn_activation mlpbn_layer_activation(const mlpbn_layer *layer);
MLPBN_API double mlpbn_layer_alpha(const mlpbn_layer *layer); /* 0 if it has none */
MLPBN_API double mlpbn_layer_dropout(const mlpbn_layer *layer);

/* The layer's batchnorm, borrowed from the network; NULL if it has none. */
MLPBN_API const mlpbn_batchnorm *mlpbn_layer_batchnorm(const mlpbn_layer *layer);

/* Describes the layer's MLPBN_WEIGHT or MLPBN_BIAS, or a tensor of its batchnorm.
 *
 * tensor  receives the description; its struct_size must be set (mlpbn_tensor_init)
 *
 * MLPBN_EINVAL  an argument is NULL, or the layer has no tensor of this kind
 */
MLPBN_API MLPBN_MUST_CHECK mlpbn_status mlpbn_layer_tensor(mlpbn_tensor *tensor,
                                                           const mlpbn_layer *layer,
                                                           mlpbn_tensor_kind kind);

MLPBN_END

#endif
