/* One step of an optimizer: the update of all parameters by their gradients. */
#include "base/array.h"
#include "base/dtype.h"
#include "base/error.h"
#include "kernel/kernels.h"
#include "nn/real_ops.h"
#include "nn/scaled_squares.h"

#include <math.h>
#include <string.h>

/* The factors of the next step, number o->steps + 1, of a tensor whose weights decay. */
static R(update_args) step_factors(const mlpbn_optimizer *o, double clip)
{
    const mlpbn_optimizer_options *options = &o->options;
    const mlpbn__optimizer_traits *traits = mlpbn__optimizers + options->kind;
    double beta1 = options->momentum, beta2 = options->rho,
           step_size = options->learning_rate, decay = 1, sqrt_correction2 = 1;
    if (traits->decays_weights)
        decay = 1 - options->learning_rate * options->weight_decay;
    if (traits->corrects_bias) {
        double t = (double)(o->steps + 1);
        beta1 = options->beta1;
        beta2 = options->beta2;
        sqrt_correction2 = sqrt(1 - pow(beta2, t));
        step_size /= 1 - pow(beta1, t);
    }
    return (R(update_args)){.step_size = (real)step_size,
                            .clip = (real)clip,
                            .beta1 = (real)beta1,
                            .one_minus_beta1 = (real)(1 - beta1),
                            .beta2 = (real)beta2,
                            .one_minus_beta2 = (real)(1 - beta2),
                            .inverse_sqrt_correction2 = (real)(1 / sqrt_correction2),
                            .eps = (real)options->eps,
                            .decay_factor = (real)decay,
                            .nesterov = options->nesterov};
}

/* The factors for a tensor of this kind. */
static R(update_args) factors_of(const mlpbn_optimizer *o, const R(update_args) *factors,
                                 mlpbn_tensor_kind kind)
{
    R(update_args) args = *factors;
    if (!(o->options.decay_kinds & MLPBN_KIND_BIT(kind)))
        args.decay_factor = 1;
    return args;
}

/* Checks that the factors are finite in this dtype. An infinite one would make NaN of a
 * gradient of 0, and no finite bound of the gradients would tell. */
static mlpbn_status check_factors(const mlpbn_optimizer *o, const R(update_args) *factors)
{
    const mlpbn_optimizer_options *options = &o->options;
    const char *type = mlpbn__dtype_name(REAL_DTYPE);
    if (!isfinite(factors->step_size) && mlpbn__optimizers[options->kind].corrects_bias)
        return mlpbn__fail(MLPBN_ENONFINITE,
                           "learning rate / (1 - beta1^t) is not finite as %s for the "
                           "rate %g, beta1 %g and step t = %.0f",
                           type, options->learning_rate, options->beta1,
                           (double)o->steps + 1);
    if (!isfinite(factors->step_size))
        return mlpbn__fail(MLPBN_ENONFINITE, "the learning rate %g is not finite as %s",
                           options->learning_rate, type);
    if (options->decay_kinds != 0 && !isfinite(factors->decay_factor))
        return mlpbn__fail(MLPBN_ENONFINITE,
                           "1 - rate * weight_decay is not finite as %s for the learning "
                           "rate %g and weight_decay %g",
                           type, options->learning_rate, options->weight_decay);
    return MLPBN_OK;
}

/* Whether the bounds prove that all values that the step computes are finite, as they nearly
 * always do: p + change is finite for any finite p if |change| is below half the distance of
 * the two largest finite numbers. `change` bounds the quotients of Adam and RMSprop, too,
 * which may overflow although the rate would make them small. If a bound is NaN, returns 0. */
static int is_provably_finite(const mlpbn_optimizer *o, const mlpbn__bounds *b)
{
    double max = (double)REAL_MAX, rate = (double)(real)o->options.learning_rate;
    int decays_weights = mlpbn__optimizers[o->options.kind].decays_weights;
    return b->m < max / 2 && (!o->v || b->v < max / 2) && b->change < max / 2 &&
           rate * b->change < max * (double)REAL_EPSILON / 8 &&
           (!decays_weights || rate * o->options.weight_decay <= 2);
}

/* array + offset, or NULL if array is NULL. */
static real *at_offset(void *array, size_t offset)
{
    return array ? (real *)array + offset : NULL;
}

/* The arrays that a step writes, and what error texts call them. */
enum { PARAMETER, AVERAGE, SQUARE, N_WRITTEN };
static const char *const written_names[] = {
    [PARAMETER] = "",
    [AVERAGE] = "the sum or average of gradients of ",
    [SQUARE] = "the average squared gradient of ",
};
MLPBN__ASSERT_ROWS(written_names, N_WRITTEN);

/* Returns the first array of which the update of a tensor would not be finite, computed on
 * copies; N_WRITTEN if all are finite. */
static int find_overflow(const mlpbn_optimizer *o, const mlpbn_network *network,
                         const mlpbn__tensor *tensor, const real *gradients,
                         const R(update_args) *factors)
{
    enum { BLOCK = 512 };
    const R(kernels) *kernels = R(select_kernels)();
    R(update_args) args = factors_of(o, factors, tensor->kind);
    const real *arrays[] = {network->parameters, o->m, o->v};
    static const int order[] = {SQUARE, AVERAGE, PARAMETER}; /* causes come first */
    real copies[N_WRITTEN][BLOCK];
    size_t end = tensor->offset + tensor->rows * tensor->stride;
    for (size_t i = tensor->offset; i < end; i += BLOCK) {
        size_t n = end - i < BLOCK ? end - i : BLOCK;
        for (int a = 0; a < N_WRITTEN; a++)
            if (arrays[a])
                memcpy(copies[a], arrays[a] + i, n * sizeof(real));
        args.n = n;
        args.g = gradients + i;
        args.p = copies[PARAMETER];
        args.m = o->m ? copies[AVERAGE] : NULL;
        args.v = o->v ? copies[SQUARE] : NULL;
        kernels->updates[o->options.kind](&args);
        for (int a = 0; a < N_WRITTEN; a++)
            if (arrays[order[a]] && !(kernels->max_abs(n, copies[order[a]]) <= REAL_MAX))
                return order[a];
    }
    return N_WRITTEN;
}

/* Checks that the update of all tensors is finite, if the bounds do not prove it. */
static mlpbn_status check_update(const mlpbn_optimizer *o, const mlpbn_network *network,
                                 const mlpbn_workspace *ws, const R(update_args) *factors)
{
    for (size_t t = 0; t < network->n_tensors; t++) {
        const mlpbn__tensor *tensor = network->tensors + t;
        if (!tensor->is_parameter)
            continue;
        int array = find_overflow(o, network, tensor, ws->gradients, factors);
        if (array == N_WRITTEN)
            continue;
        real max_abs = R(select_kernels)()->max_abs(
            tensor->rows * tensor->stride, (const real *)ws->gradients + tensor->offset);
        return mlpbn__fail(MLPBN_ENONFINITE,
                           "%s%s would overflow: the largest gradient is %g, the "
                           "learning rate %g",
                           written_names[array], tensor->name,
                           (double)(factors->clip * max_abs), o->options.learning_rate);
    }
    return MLPBN_OK;
}

typedef struct update_task {
    R(update_fn) *update;
    R(update_args) args;
} update_task;

static void update_block(void *context, size_t begin, size_t end)
{
    const update_task *task = context;
    R(update_args) args = task->args;
    args.n = end - begin;
    args.g += begin;
    args.m = at_offset(args.m, begin);
    args.v = at_offset(args.v, begin);
    args.p += begin;
    task->update(&args);
}

static void update(const mlpbn_optimizer *o, mlpbn_network *network,
                   const mlpbn_workspace *ws, const R(update_args) *factors)
{
    for (size_t t = 0; t < network->n_tensors; t++) {
        const mlpbn__tensor *tensor = network->tensors + t;
        if (!tensor->is_parameter)
            continue;
        update_task task = {.update = R(select_kernels)()->updates[o->options.kind],
                            .args = factors_of(o, factors, tensor->kind)};
        task.args.g = (const real *)ws->gradients + tensor->offset;
        task.args.m = at_offset(o->m, tensor->offset);
        task.args.v = at_offset(o->v, tensor->offset);
        task.args.p = at_offset(network->parameters, tensor->offset);
        mlpbn__parallel_panels(ws->pool, tensor->rows, tensor->columns, tensor->stride,
                               mlpbn__dot_kc(tensor->columns, sizeof(real)), update_block,
                               &task);
    }
}

/* The factor of all gradients with which their norm is at most clip_norm. It must not vanish in
 * this dtype, or nothing would be left of gradients that are large. */
static mlpbn_status clip_factor(const mlpbn_optimizer *o, const mlpbn_workspace *ws,
                                double *factor)
{
    *factor = 1;
    if (o->options.clip_norm == 0)
        return MLPBN_OK;
    double norm = sqrt(R(select_kernels)()->sum_squares(ws->n_gradients, ws->gradients));
    if (!isfinite(norm))
        norm =
            sqrt(R(scaled_squares)(ws->n_gradients, ws->gradients)) / MLPBN__SQUARE_SCALE;
    if (!isfinite(norm))
        return mlpbn__fail(MLPBN_ENONFINITE,
                           "the norm of the gradient overflows: the largest is %g",
                           ws->gradient_max_abs);
    *factor = fmin(1, o->options.clip_norm / (norm + 1e-6));
    if (*factor < (double)REAL_MIN)
        return mlpbn__fail(MLPBN_ENONFINITE,
                           "clip_norm %g / %g, the norm of the gradient, vanishes as %s",
                           o->options.clip_norm, norm, mlpbn__dtype_name(REAL_DTYPE));
    return MLPBN_OK;
}

mlpbn_status R(optimizer_step)(mlpbn_optimizer *o, mlpbn_network *network,
                               const mlpbn_workspace *ws)
{
    double clip;
    RETURN_IF_ERROR(clip_factor(o, ws, &clip));
    const R(update_args) factors = step_factors(o, clip);
    RETURN_IF_ERROR(check_factors(o, &factors));
    mlpbn__bounds bounds = mlpbn__optimizers[o->options.kind].bounds(
        &o->options, o->bounds, clip * ws->gradient_max_abs);
    if (!is_provably_finite(o, &bounds))
        RETURN_IF_ERROR(check_update(o, network, ws, &factors));
    update(o, network, ws, &factors);
    network->revision.parameters++;
    o->bounds = bounds;
    o->steps++;
    return MLPBN_OK;
}
