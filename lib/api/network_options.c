/* The options of a network and of its layers: defaults and ranges. */
#include "api/options.h"

#include "api/check.h"
#include "base/dtype.h"
#include "model/activation_table.h"

#include <math.h>

static const mlpbn_network_options network_defaults = MLPBN_NETWORK_OPTIONS_INIT(0);
DEFINE_INIT(mlpbn_network_options, mlpbn_network_options_init, network_defaults)

static const mlpbn_layer_options layer_defaults = MLPBN_LAYER_OPTIONS_INIT(0, MLPBN_RELU);
DEFINE_INIT(mlpbn_layer_options, mlpbn_layer_options_init, layer_defaults)

static const mlpbn_batchnorm_options batchnorm_defaults = MLPBN_BATCHNORM_OPTIONS_INIT;
DEFINE_INIT(mlpbn_batchnorm_options, mlpbn_batchnorm_options_init, batchnorm_defaults)

mlpbn_status mlpbn__read_network_options(mlpbn_network_options *options,
                                         const mlpbn_network_options *caller)
{
    *options = network_defaults;
    RETURN_IF_ERROR(
        mlpbn__struct_read(options, sizeof *options, caller, "mlpbn_network_options"));
    if (options->inputs == 0)
        return mlpbn__fail(MLPBN_EINVAL,
                           "network options: expected inputs of at least 1, got 0");
    if (options->dtype != MLPBN_F32 && options->dtype != MLPBN_F64)
        return mlpbn__fail(
            MLPBN_EINVAL,
            "network options: expected dtype MLPBN_F32 or MLPBN_F64, got %d",
            (int)options->dtype);
    return MLPBN_OK;
}

static int uses_sigma(mlpbn_init init)
{
    return init == MLPBN_INIT_NORMAL || init >= MLPBN_INIT_UNIFORM;
}

/* Weights must be finite: a normal variate computed from 53 random bits is below 9. */
mlpbn_status mlpbn__check_init(mlpbn_init init, double sigma, mlpbn_dtype dtype)
{
    if (init < MLPBN_INIT_HE || (int)init >= MLPBN__INITS)
        return mlpbn__fail(MLPBN_EINVAL,
                           "init: expected one of mlpbn_init (mlpbn/layer.h), got %d",
                           (int)init);
    if (uses_sigma(init) && !(sigma >= 0 && isfinite(mlpbn__round(dtype, 9 * sigma))))
        return mlpbn__fail(
            MLPBN_EINVAL,
            "expected a sigma of at least 0 that keeps weights finite, got %g", sigma);
    return MLPBN_OK;
}

/* The init of a layer. mlpbn_network_initialize, whose sigma is an argument, ignores one that
 * has no effect. */
static mlpbn_status check_layer_init(const mlpbn_layer_options *options,
                                     mlpbn_dtype dtype)
{
    RETURN_IF_ERROR(mlpbn__check_init(options->init, options->init_sigma, dtype));
    if (uses_sigma(options->init) || options->init_sigma == 0 ||
        options->init_sigma == layer_defaults.init_sigma)
        return MLPBN_OK;
    return mlpbn__fail(
        MLPBN_EINVAL,
        "init_sigma: it has no effect with this init, got %g: leave it at its "
        "default (MLPBN_INIT_NORMAL, _UNIFORM, _CONSTANT and _ORTHOGONAL use "
        "it)",
        options->init_sigma);
}

static mlpbn_status read_batchnorm_options(mlpbn_batchnorm_options *options,
                                           const mlpbn_batchnorm_options *caller,
                                           mlpbn_activation activation, mlpbn_dtype dtype)
{
    *options = batchnorm_defaults;
    RETURN_IF_ERROR(
        mlpbn__struct_read(options, sizeof *options, caller, "mlpbn_batchnorm_options"));
    if (!mlpbn__eps_fits(options->eps, dtype))
        return mlpbn__fail(
            MLPBN_EINVAL,
            "batchnorm eps: expected a finite number > 0 whose 1 / sqrt(eps) "
            "is finite in the network's dtype, got %g",
            options->eps);
    if (!(options->decay >= 0 && options->decay <= 1))
        return mlpbn__fail(MLPBN_EINVAL,
                           "batchnorm decay: expected one in [0, 1], got %g",
                           options->decay);
    RETURN_IF_ERROR(mlpbn__check_flag(options->unbiased_running_variance,
                                      "unbiased_running_variance"));
    RETURN_IF_ERROR(
        mlpbn__check_flag(options->start_from_first_batch, "start_from_first_batch"));
    RETURN_IF_ERROR(mlpbn__check_flag(options->affine, "affine"));
    RETURN_IF_ERROR(mlpbn__check_flag(options->after_activation, "after_activation"));
    RETURN_IF_ERROR(mlpbn__check_flag(options->cumulative, "cumulative"));
    if (options->after_activation && activation == MLPBN_SOFTMAX)
        return mlpbn__fail(MLPBN_EINVAL,
                           "after_activation: expected 0 with MLPBN_SOFTMAX");
    return MLPBN_OK;
}

/* Checks the activation, and replaces MLPBN_DEFAULT_ALPHA. */
static mlpbn_status check_activation(mlpbn_layer_options *options, mlpbn_dtype dtype)
{
    if (options->activation < MLPBN_IDENTITY ||
        options->activation >= MLPBN__ACTIVATION_END)
        return mlpbn__fail(
            MLPBN_EINVAL,
            "activation: expected one of mlpbn_activation (mlpbn/layer.h), got %d",
            (int)options->activation);
    double default_alpha = mlpbn__activations[options->activation].default_alpha;
    if (default_alpha == 0 && options->alpha != 0 &&
        options->alpha != MLPBN_DEFAULT_ALPHA)
        return mlpbn__fail(
            MLPBN_EINVAL,
            "alpha: it has no effect with this activation, got %g: leave it "
            "at its default (MLPBN_LEAKY_RELU and MLPBN_ELU use it)",
            options->alpha);
    if (default_alpha == 0 || options->alpha == MLPBN_DEFAULT_ALPHA)
        options->alpha = default_alpha;
    if (!(options->alpha >= 0 && isfinite(mlpbn__round(dtype, options->alpha))))
        return mlpbn__fail(MLPBN_EINVAL,
                           "alpha: expected at least 0 and finite in the network's "
                           "dtype, or MLPBN_DEFAULT_ALPHA, got %g",
                           options->alpha);
    return MLPBN_OK;
}

mlpbn_status mlpbn__read_layer_options(mlpbn_layer_options *options,
                                       mlpbn_batchnorm_options *batchnorm,
                                       const mlpbn_layer_options *caller,
                                       mlpbn_dtype dtype)
{
    *options = layer_defaults;
    RETURN_IF_ERROR(
        mlpbn__struct_read(options, sizeof *options, caller, "mlpbn_layer_options"));
    if (options->units == 0)
        return mlpbn__fail(MLPBN_EINVAL, "units: expected at least 1, got 0");
    RETURN_IF_ERROR(check_activation(options, dtype));
    RETURN_IF_ERROR(check_layer_init(options, dtype));
    RETURN_IF_ERROR(mlpbn__check_flag(options->bias, "bias"));
    if (!(options->dropout >= 0 && options->dropout < 1))
        return mlpbn__fail(MLPBN_EINVAL, "dropout: expected one in [0, 1), got %g",
                           options->dropout);
    if (!options->batchnorm)
        return MLPBN_OK;
    RETURN_IF_ERROR(read_batchnorm_options(batchnorm, options->batchnorm,
                                           options->activation, dtype));
    options->batchnorm = batchnorm;
    return MLPBN_OK;
}
