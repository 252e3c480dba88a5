/* Defaults of all option structs, and their ranges. */
#include "api/options.h"

#include "api/check.h"
#include "base/dtype.h"
#include "base/parallel.h"
#include "model/activation_table.h"
#include "nn/labels.h"

#include <math.h>

static const mlpbn_network_options network_defaults = MLPBN_NETWORK_OPTIONS_INIT(0);

static const mlpbn_layer_options layer_defaults = MLPBN_LAYER_OPTIONS_INIT(0, MLPBN_RELU);

static const mlpbn_batchnorm_options batchnorm_defaults = MLPBN_BATCHNORM_OPTIONS_INIT;

static const mlpbn_workspace_options workspace_defaults = MLPBN_WORKSPACE_OPTIONS_INIT;

static const mlpbn_optimizer_options optimizer_defaults = MLPBN_OPTIMIZER_OPTIONS_INIT;

static const mlpbn_loss_options loss_defaults = MLPBN_LOSS_OPTIONS_INIT;

static const mlpbn_sampler_options sampler_defaults = MLPBN_SAMPLER_OPTIONS_INIT;

static const mlpbn_rows rows_defaults = MLPBN_ROWS_INIT(NULL, MLPBN_NO_DTYPE, 0, 0);

static const mlpbn_gradcheck_options gradcheck_defaults = MLPBN_GRADCHECK_OPTIONS_INIT;

static const mlpbn_gradcheck_result result_defaults = MLPBN_GRADCHECK_RESULT_INIT;

static const mlpbn_fold_options fold_defaults = MLPBN_FOLD_OPTIONS_INIT;

static const mlpbn_fold_report fold_report_defaults = MLPBN_FOLD_REPORT_INIT;

static const mlpbn_metrics metrics_defaults = MLPBN_METRICS_INIT;

static const mlpbn_tensor tensor_defaults = MLPBN_TENSOR_INIT;

DEFINE_INIT(mlpbn_network_options, mlpbn_network_options_init, network_defaults)
DEFINE_INIT(mlpbn_layer_options, mlpbn_layer_options_init, layer_defaults)
DEFINE_INIT(mlpbn_batchnorm_options, mlpbn_batchnorm_options_init, batchnorm_defaults)
DEFINE_INIT(mlpbn_workspace_options, mlpbn_workspace_options_init, workspace_defaults)
DEFINE_INIT(mlpbn_optimizer_options, mlpbn_optimizer_options_init, optimizer_defaults)
DEFINE_INIT(mlpbn_loss_options, mlpbn_loss_options_init, loss_defaults)
DEFINE_INIT(mlpbn_sampler_options, mlpbn_sampler_options_init, sampler_defaults)
DEFINE_INIT(mlpbn_rows, mlpbn_rows_init, rows_defaults)
DEFINE_INIT(mlpbn_metrics, mlpbn_metrics_init, metrics_defaults)
DEFINE_INIT(mlpbn_tensor, mlpbn_tensor_init, tensor_defaults)
DEFINE_INIT(mlpbn_gradcheck_options, mlpbn_gradcheck_options_init, gradcheck_defaults)
DEFINE_INIT(mlpbn_gradcheck_result, mlpbn_gradcheck_result_init, result_defaults)
DEFINE_INIT(mlpbn_fold_options, mlpbn_fold_options_init, fold_defaults)
DEFINE_INIT(mlpbn_fold_report, mlpbn_fold_report_init, fold_report_defaults)

mlpbn_status mlpbn__read_network_options(mlpbn_network_options *ours,
                                         const mlpbn_network_options *caller)
{
    *ours = network_defaults;
    mlpbn_status status =
        mlpbn__struct_read(ours, sizeof *ours, caller, "mlpbn_network_options");
    if (status)
        return status;
    if (ours->inputs == 0)
        return mlpbn__fail(MLPBN_EINVAL,
                           "network options: expected inputs of at least 1, got 0");
    if (ours->dtype != MLPBN_F32 && ours->dtype != MLPBN_F64)
        return mlpbn__fail(
            MLPBN_EINVAL,
            "network options: expected dtype MLPBN_F32 or MLPBN_F64, got %d",
            (int)ours->dtype);
    return MLPBN_OK;
}

/* Drawn weights must be finite: a normal number from 53 random bits is below 9. */
mlpbn_status mlpbn__check_init(mlpbn_init init, double sigma, mlpbn_dtype dtype)
{
    if (init < MLPBN_INIT_HE || init > MLPBN_INIT_ORTHOGONAL)
        return mlpbn__fail(MLPBN_EINVAL,
                           "init: expected one of mlpbn_init (mlpbn/layer.h), got %d",
                           (int)init);
    int takes_sigma = init == MLPBN_INIT_NORMAL || init >= MLPBN_INIT_UNIFORM;
    if (takes_sigma && !(sigma >= 0 && isfinite(mlpbn__round(dtype, 9 * sigma))))
        return mlpbn__fail(
            MLPBN_EINVAL,
            "expected a sigma of at least 0 that keeps weights finite, got %g", sigma);
    return MLPBN_OK;
}

static mlpbn_status read_batchnorm_options(mlpbn_batchnorm_options *ours,
                                           const mlpbn_batchnorm_options *caller,
                                           mlpbn_activation activation, mlpbn_dtype dtype)
{
    *ours = batchnorm_defaults;
    RETURN_IF_ERROR(
        mlpbn__struct_read(ours, sizeof *ours, caller, "mlpbn_batchnorm_options"));
    if (!mlpbn__eps_fits(ours->eps, dtype))
        return mlpbn__fail(
            MLPBN_EINVAL,
            "batchnorm eps: expected a finite number > 0 whose 1 / sqrt(eps) "
            "is finite in the network's dtype, got %g",
            ours->eps);
    if (!(ours->decay >= 0 && ours->decay <= 1))
        return mlpbn__fail(
            MLPBN_EINVAL, "batchnorm decay: expected one in [0, 1], got %g", ours->decay);
    RETURN_IF_ERROR(
        mlpbn__check_flag(ours->unbiased_running_variance, "unbiased_running_variance"));
    RETURN_IF_ERROR(
        mlpbn__check_flag(ours->start_from_first_batch, "start_from_first_batch"));
    RETURN_IF_ERROR(mlpbn__check_flag(ours->affine, "affine"));
    RETURN_IF_ERROR(mlpbn__check_flag(ours->after_activation, "after_activation"));
    RETURN_IF_ERROR(mlpbn__check_flag(ours->cumulative, "cumulative"));
    if (ours->after_activation && activation == MLPBN_SOFTMAX)
        return mlpbn__fail(MLPBN_EINVAL,
                           "after_activation: expected 0 with MLPBN_SOFTMAX");
    return MLPBN_OK;
}

/* Checks the activation and completes alpha. */
static mlpbn_status check_activation(mlpbn_layer_options *ours, mlpbn_dtype dtype)
{
    if (ours->activation < MLPBN_IDENTITY || ours->activation >= MLPBN__ACTIVATION_END)
        return mlpbn__fail(
            MLPBN_EINVAL,
            "activation: expected one of mlpbn_activation (mlpbn/layer.h), got %d",
            (int)ours->activation);
    double default_alpha = mlpbn__activations[ours->activation].default_alpha;
    if (default_alpha == 0 || ours->alpha == MLPBN_DEFAULT_ALPHA)
        ours->alpha = default_alpha;
    if (!(ours->alpha >= 0 && isfinite(mlpbn__round(dtype, ours->alpha))))
        return mlpbn__fail(MLPBN_EINVAL,
                           "alpha: expected at least 0 and finite in the network's "
                           "dtype, or MLPBN_DEFAULT_ALPHA, got %g",
                           ours->alpha);
    return MLPBN_OK;
}

mlpbn_status mlpbn__read_layer_options(mlpbn_layer_options *ours,
                                       mlpbn_batchnorm_options *batchnorm,
                                       const mlpbn_layer_options *caller,
                                       mlpbn_dtype dtype)
{
    *ours = layer_defaults;
    RETURN_IF_ERROR(
        mlpbn__struct_read(ours, sizeof *ours, caller, "mlpbn_layer_options"));
    if (ours->units == 0)
        return mlpbn__fail(MLPBN_EINVAL, "units: expected at least 1, got 0");
    RETURN_IF_ERROR(check_activation(ours, dtype));
    RETURN_IF_ERROR(mlpbn__check_init(ours->init, ours->init_sigma, dtype));
    RETURN_IF_ERROR(mlpbn__check_flag(ours->bias, "bias"));
    if (!(ours->dropout >= 0 && ours->dropout < 1))
        return mlpbn__fail(MLPBN_EINVAL, "dropout: expected one in [0, 1), got %g",
                           ours->dropout);
    if (!ours->batchnorm)
        return MLPBN_OK;
    RETURN_IF_ERROR(
        read_batchnorm_options(batchnorm, ours->batchnorm, ours->activation, dtype));
    ours->batchnorm = batchnorm;
    return MLPBN_OK;
}

mlpbn_status mlpbn__read_workspace_options(mlpbn_workspace_options *ours,
                                           const mlpbn_workspace_options *caller)
{
    *ours = workspace_defaults;
    mlpbn_status status = READ_OVER_DEFAULTS(ours, caller, mlpbn_workspace_options);
    if (status)
        return status;
    if (ours->max_batch == 0)
        return mlpbn__fail(MLPBN_EINVAL,
                           "workspace: expected max_batch of at least 1, got 0");
    if (ours->mode != MLPBN_TRAIN && ours->mode != MLPBN_PREDICT)
        return mlpbn__fail(
            MLPBN_EINVAL, "workspace: expected mode MLPBN_TRAIN or MLPBN_PREDICT, got %d",
            (int)ours->mode);
    if (ours->threads < 0 || ours->threads > MLPBN__MAX_THREADS)
        return mlpbn__fail(MLPBN_EINVAL, "workspace: expected threads in [0, %d], got %d",
                           MLPBN__MAX_THREADS, ours->threads);
    return mlpbn__check_flag(ours->profile, "profile");
}

static mlpbn_status check_kinds(unsigned kinds, const char *name)
{
    if (!(kinds & ~MLPBN_ALL_PARAMETERS))
        return MLPBN_OK;
    return mlpbn__fail(MLPBN_EINVAL,
                       "%s: expected bits of weight, bias, gamma and beta "
                       "(MLPBN_KIND_BIT), got 0x%x",
                       name, kinds);
}

/* What averages keep: less than all of it. */
static mlpbn_status check_fractions(const mlpbn_optimizer_options *ours,
                                    mlpbn_dtype dtype)
{
    const struct {
        const char *name;
        double value;
    } fractions[] = {{"momentum", ours->momentum},
                     {"beta1", ours->beta1},
                     {"beta2", ours->beta2},
                     {"rho", ours->rho}};
    for (size_t i = 0; i < sizeof fractions / sizeof *fractions; i++)
        if (!(fractions[i].value >= 0 && mlpbn__round(dtype, fractions[i].value) < 1))
            return mlpbn__fail(MLPBN_EINVAL,
                               "%s: expected one in [0, 1), also as the network's dtype "
                               "rounds it, got %g",
                               fractions[i].name, fractions[i].value);
    return MLPBN_OK;
}

mlpbn_status mlpbn__read_optimizer_options(mlpbn_optimizer_options *ours,
                                           const mlpbn_optimizer_options *caller,
                                           mlpbn_dtype dtype)
{
    *ours = optimizer_defaults;
    mlpbn_status status = READ_OVER_DEFAULTS(ours, caller, mlpbn_optimizer_options);
    if (status)
        return status;
    if (ours->kind < MLPBN_SGD || ours->kind >= MLPBN__OPTIMIZER_KIND_END)
        return mlpbn__fail(MLPBN_EINVAL,
                           "optimizer: expected a kind of mlpbn_optimizer_kind "
                           "(mlpbn/optimizer.h), got %d",
                           (int)ours->kind);
    status = check_fractions(ours, dtype);
    if (!status)
        status = mlpbn__check_flag(ours->nesterov, "nesterov");
    if (!status && ours->nesterov && (ours->kind != MLPBN_SGD || ours->momentum == 0))
        status = mlpbn__fail(MLPBN_EINVAL,
                             "nesterov: expected 0 unless MLPBN_SGD has a momentum > 0");
    if (!status)
        status = mlpbn__check_at_least(ours->learning_rate, 0, "learning_rate");
    if (!status)
        status = mlpbn__check_at_least(ours->weight_decay, 0, "weight_decay");
    if (!status)
        status = mlpbn__check_at_least(ours->clip_norm, 0, "clip_norm");
    if (!status && !(mlpbn__round(dtype, ours->eps) > 0 && isfinite(ours->eps)))
        status = mlpbn__fail(MLPBN_EINVAL,
                             "eps: expected a finite number above 0, also in the "
                             "network's dtype, got %g",
                             ours->eps);
    return status ? status : check_kinds(ours->decay_kinds, "decay_kinds");
}

static mlpbn_status check_penalty(const mlpbn_loss_options *ours, mlpbn_dtype dtype)
{
    if (ours->penalty != MLPBN_SUM_OF_SQUARES &&
        ours->penalty != MLPBN_HALF_SUM_OF_SQUARES)
        return mlpbn__fail(MLPBN_EINVAL,
                           "loss options: expected penalty MLPBN_SUM_OF_SQUARES or "
                           "MLPBN_HALF_SUM_OF_SQUARES, got %d",
                           (int)ours->penalty);
    if (ours->lambda >= 0 && isfinite(mlpbn__round(dtype, 2 * ours->lambda)))
        return check_kinds(ours->penalty_kinds, "penalty_kinds");
    return mlpbn__fail(
        MLPBN_EINVAL,
        "lambda: expected a number of at least 0 for which 2 lambda is finite in "
        "the network's dtype, got %g",
        ours->lambda);
}

static mlpbn_status check_class_weights(const mlpbn_loss_options *ours, size_t outputs)
{
    if (!ours->class_weights)
        return MLPBN_OK;
    if (!mlpbn__losses[ours->loss].has_classes)
        return mlpbn__fail(MLPBN_EINVAL,
                           "class_weights: expected NULL for a loss without classes");
    if (ours->n_class_weights != outputs)
        return mlpbn__fail(MLPBN_ESHAPE,
                           "class_weights: expected %zu, the network's outputs, got %zu",
                           outputs, ours->n_class_weights);
    for (size_t k = 0; k < outputs; k++)
        if (!(ours->class_weights[k] >= 0 && isfinite(ours->class_weights[k])))
            return mlpbn__fail(MLPBN_EINVAL,
                               "class_weights[%zu]: expected a finite number of at least "
                               "0, got %g",
                               k, ours->class_weights[k]);
    return MLPBN_OK;
}

mlpbn_status mlpbn__read_loss_options(mlpbn_loss_options *ours,
                                      const mlpbn_loss_options *caller,
                                      const mlpbn_network *network)
{
    size_t outputs = mlpbn__network_outputs(network);
    *ours = loss_defaults;
    mlpbn_status status = READ_OVER_DEFAULTS(ours, caller, mlpbn_loss_options);
    if (status)
        return status;
    if (ours->loss < MLPBN_SOFTMAX_CROSS_ENTROPY || ours->loss >= MLPBN__LOSS_END)
        return mlpbn__fail(
            MLPBN_EINVAL,
            "loss options: expected a loss of mlpbn_loss (mlpbn/loss.h), got %d",
            (int)ours->loss);
    if (!(ours->label_smoothing >= 0 && ours->label_smoothing <= 1))
        return mlpbn__fail(MLPBN_EINVAL,
                           "label_smoothing: expected one in [0, 1], got %g",
                           ours->label_smoothing);
    if (ours->label_smoothing > 0 && !mlpbn__losses[ours->loss].needs_labels)
        return mlpbn__fail(
            MLPBN_EINVAL, "label_smoothing: expected 0 for a loss without labels, got %g",
            ours->label_smoothing);
    if (!(ours->huber_delta > 0 && isfinite(ours->huber_delta)))
        return mlpbn__fail(MLPBN_EINVAL,
                           "huber_delta: expected a finite number above 0, got %g",
                           ours->huber_delta);
    status = check_class_weights(ours, outputs);
    return status ? status : check_penalty(ours, network->dtype);
}

static mlpbn_status read_tolerance(double *tolerance, double otherwise)
{
    if (*tolerance == MLPBN_DEFAULT_TOLERANCE)
        *tolerance = otherwise;
    if (*tolerance > 0 && isfinite(*tolerance))
        return MLPBN_OK;
    return mlpbn__fail(MLPBN_EINVAL,
                       "tolerance: expected a finite number above 0, or "
                       "MLPBN_DEFAULT_TOLERANCE, got %g",
                       *tolerance);
}

mlpbn_status mlpbn__read_gradcheck_options(mlpbn_gradcheck_options *ours,
                                           const mlpbn_gradcheck_options *caller,
                                           mlpbn_dtype dtype)
{
    *ours = gradcheck_defaults;
    mlpbn_status status = READ_OVER_DEFAULTS(ours, caller, mlpbn_gradcheck_options);
    if (status)
        return status;
    status = read_tolerance(&ours->tolerance, dtype == MLPBN_F32 ? 1e-3 : 1e-6);
    return status ? status : mlpbn__check_flag(ours->inputs, "inputs");
}

mlpbn_status mlpbn__read_fold_options(mlpbn_fold_options *ours,
                                      const mlpbn_fold_options *caller, mlpbn_dtype dtype)
{
    *ours = fold_defaults;
    mlpbn_status status = READ_OVER_DEFAULTS(ours, caller, mlpbn_fold_options);
    if (!status)
        status = read_tolerance(&ours->tolerance, dtype == MLPBN_F32 ? 1e-4 : 1e-12);
    return status ? status : mlpbn__check_flag(ours->standardization, "standardization");
}

mlpbn_status mlpbn__read_sampler_options(mlpbn_sampler_options *ours,
                                         const mlpbn_sampler_options *caller)
{
    *ours = sampler_defaults;
    mlpbn_status status = READ_OVER_DEFAULTS(ours, caller, mlpbn_sampler_options);
    if (status)
        return status;
    if (ours->batch == 0)
        return mlpbn__fail(MLPBN_EINVAL,
                           "sampler: expected a batch of at least 1 row, got 0");
    if (ours->last_batch < MLPBN_LAST_BATCH_KEEP ||
        ours->last_batch > MLPBN_LAST_BATCH_ERROR)
        return mlpbn__fail(
            MLPBN_EINVAL,
            "sampler: expected last_batch of mlpbn_last_batch (mlpbn/sampler.h), got %d",
            (int)ours->last_batch);
    return mlpbn__check_flag(ours->shuffle, "shuffle");
}
