/* One step of an optimizer: parameters by gradients. */
#include "base/error.h"
#include "kernel/kernels.h"
#include "nn/real_ops.h"

#include <math.h>
#include <string.h>

/* The step with this number, from 1, on tensors of this kind. */
static R(step) step_of(const mlpbn_optimizer *o, mlpbn_tensor_kind kind, double clip)
{
    const mlpbn_optimizer_options *options = &o->options;
    double first = options->momentum, second = options->rho,
           rate = options->learning_rate;
    double keep = 1, root2 = 1;
    if (options->kind == MLPBN_ADAM || options->kind == MLPBN_ADAMW) {
        first = options->beta1;
        second = options->beta2;
        root2 = sqrt(1 - pow(second, (double)(o->steps + 1)));
        if (options->kind == MLPBN_ADAMW && options->decay_kinds & MLPBN_KIND_BIT(kind))
            keep = 1 - rate * options->weight_decay;
        rate /= 1 - pow(first, (double)(o->steps + 1));
    }
    return (R(step)){.rate = (real)rate,
                     .clip = (real)clip,
                     .beta1 = (real)first,
                     .rest1 = (real)(1 - first),
                     .beta2 = (real)second,
                     .rest2 = (real)(1 - second),
                     .inverse_root2 = (real)(1 / root2),
                     .eps = (real)options->eps,
                     .keep = (real)keep,
                     .nesterov = options->nesterov};
}

/* Bounds on everything that a step writes, kept from step to step. Where they prove that
 * all stays finite, which is practically always, the step need not be tried first. NaN
 * proves nothing. */
static mlpbn__bounds bounds_after(const mlpbn_optimizer *o, double gradient)
{
    const mlpbn_optimizer_options *options = &o->options;
    mlpbn__bounds b = o->bounds;
    b.second = fmax(b.second, gradient * gradient);
    switch (options->kind) {
    case MLPBN_SGD:
        b.first = options->momentum * b.first + gradient;
        b.change = options->momentum > 0 ? b.first + gradient : gradient;
        break;
    case MLPBN_RMSPROP:
        b.first = options->momentum * b.first + gradient / options->eps;
        b.change = b.first;
        break;
    case MLPBN_ADAM:
    case MLPBN_ADAMW:
        b.first = fmax(b.first, gradient);
        b.change = b.first / options->eps / (1 - options->beta1);
        break;
    }
    return b;
}

/* p + change is finite for any finite p if change is below half the distance of the two
 * largest numbers. */
static int provably_finite(const mlpbn_optimizer *o, const mlpbn__bounds *b)
{
    double largest = (double)REAL_MAX, rate = (double)(real)o->options.learning_rate;
    return b->first < largest / 2 && (!o->second || b->second < largest / 2) &&
           rate * b->change < largest * (double)REAL_EPSILON / 8 &&
           (o->options.kind != MLPBN_ADAMW || rate * o->options.weight_decay <= 2);
}

/* Where proof fails: the update of one tensor on copies, block by block. */
static int tried_finite(const mlpbn_optimizer *o, const mlpbn_network *network,
                        const mlpbn__tensor *tensor, const real *gradients, double clip)
{
    enum { BLOCK = 512 };
    const R(kernels) *kernels = R(select_kernels)();
    const R(step) step = step_of(o, tensor->kind, clip);
    const real *from[] = {network->parameters, o->first, o->second};
    real copies[3][BLOCK];
    size_t end = tensor->offset + tensor->rows * tensor->stride;
    for (size_t i = tensor->offset; i < end; i += BLOCK) {
        size_t n = end - i < BLOCK ? end - i : BLOCK;
        for (int a = 0; a < 3; a++)
            if (from[a])
                memcpy(copies[a], from[a] + i, n * sizeof(real));
        kernels->updates[o->options.kind](n, &step, gradients + i,
                                          from[1] ? copies[1] : NULL,
                                          from[2] ? copies[2] : NULL, copies[0]);
        for (int a = 0; a < 3; a++)
            if (from[a] && !(kernels->max_abs(n, copies[a]) <= REAL_MAX))
                return 0;
    }
    return 1;
}

static mlpbn_status try_update(const mlpbn_optimizer *o, const mlpbn_network *network,
                               const mlpbn_workspace *ws, double clip)
{
    for (size_t t = 0; t < network->n_tensors; t++) {
        const mlpbn__tensor *tensor = network->tensors + t;
        if (tensor->is_parameter &&
            !tried_finite(o, network, tensor, ws->gradients, clip))
            return mlpbn__fail(
                MLPBN_ENONFINITE,
                "%s would overflow: the largest gradient is %g, the learning "
                "rate %g",
                tensor->name, ws->gradient_magnitude, o->options.learning_rate);
    }
    return MLPBN_OK;
}

typedef struct updating {
    R(update) *update;
    R(step) step;
    const real *gradients;
    real *first, *second, *parameters;
} updating;

static void update_block(void *context, size_t begin, size_t end)
{
    const updating *u = context;
    u->update(end - begin, &u->step, u->gradients + begin,
              u->first ? u->first + begin : NULL, u->second ? u->second + begin : NULL,
              u->parameters + begin);
}

static void update(const mlpbn_optimizer *o, mlpbn_network *network,
                   const mlpbn_workspace *ws, double clip)
{
    real *first = o->first, *second = o->second;
    for (size_t t = 0; t < network->n_tensors; t++) {
        const mlpbn__tensor *tensor = network->tensors + t;
        if (!tensor->is_parameter)
            continue;
        updating u = {.update = R(select_kernels)()->updates[o->options.kind],
                      .step = step_of(o, tensor->kind, clip),
                      .gradients = (const real *)ws->gradients + tensor->offset,
                      .first = first ? first + tensor->offset : NULL,
                      .second = second ? second + tensor->offset : NULL,
                      .parameters = (real *)network->parameters + tensor->offset};
        mlpbn__parallel_panels(ws->pool, tensor->rows, tensor->columns, tensor->stride,
                               mlpbn__dot_kc(tensor->columns, sizeof(real)), update_block,
                               &u);
    }
}

/* What all gradients are multiplied by, so that their norm is at most clip_norm. */
static mlpbn_status clip_factor(const mlpbn_optimizer *o, const mlpbn_workspace *ws,
                                double *factor)
{
    *factor = 1;
    if (o->options.clip_norm == 0)
        return MLPBN_OK;
    double norm = sqrt(R(select_kernels)()->sum_squares(ws->n_gradients, ws->gradients));
    if (!isfinite(norm))
        return mlpbn__fail(MLPBN_ENONFINITE,
                           "the norm of the gradient overflows: the largest is %g",
                           ws->gradient_magnitude);
    *factor = fmin(1, o->options.clip_norm / (norm + 1e-6));
    return MLPBN_OK;
}

mlpbn_status R(optimizer_step)(mlpbn_optimizer *o, mlpbn_network *network,
                               const mlpbn_workspace *ws)
{
    double clip;
    mlpbn_status status = clip_factor(o, ws, &clip);
    if (status)
        return status;
    mlpbn__bounds bounds = bounds_after(o, clip * ws->gradient_magnitude);
    if (!provably_finite(o, &bounds))
        status = try_update(o, network, ws, clip);
    if (status)
        return status;
    update(o, network, ws, clip);
    o->bounds = bounds;
    o->steps++;
    return MLPBN_OK;
}
