/* Updates of n parameters by their gradients. mlpbn/optimizer.h has the formulas. */
#include "base/array.h"
#include "kernel/real_math.h"
#include "kernel/simd.h"

static void sgd(const R(update_args) *args)
{
    const size_t n = args->n;
    const real *g = args->g;
    real *m = args->m, *p = args->p;
    if (!m) {
        for (size_t j = 0; j < n; j++)
            p[j] -= args->step_size * (args->clip * g[j]);
    } else if (args->nesterov) {
        for (size_t j = 0; j < n; j++) {
            m[j] = args->beta1 * m[j] + args->clip * g[j];
            p[j] -= args->step_size * (args->clip * g[j] + args->beta1 * m[j]);
        }
    } else {
        for (size_t j = 0; j < n; j++) {
            m[j] = args->beta1 * m[j] + args->clip * g[j];
            p[j] -= args->step_size * m[j];
        }
    }
}

static void rmsprop(const R(update_args) *args)
{
    const size_t n = args->n;
    const real *g = args->g;
    real *m = args->m, *v = args->v, *p = args->p;
    for (size_t j = 0; j < n; j++) {
        real gradient = args->clip * g[j];
        v[j] = args->beta2 * v[j] + args->one_minus_beta2 * gradient * gradient;
        real change = gradient / (REAL_MATH(sqrt)(v[j]) + args->eps);
        if (m)
            change = m[j] = args->beta1 * m[j] + change;
        p[j] -= args->step_size * change;
    }
}

static void adam(const R(update_args) *args)
{
    const size_t n = args->n;
    const real *g = args->g;
    real *m = args->m, *v = args->v, *p = args->p;
    for (size_t j = 0; j < n; j++) {
        real gradient = args->clip * g[j];
        m[j] = args->beta1 * m[j] + args->one_minus_beta1 * gradient;
        v[j] = args->beta2 * v[j] + args->one_minus_beta2 * gradient * gradient;
        real denominator =
            REAL_MATH(sqrt)(v[j]) * args->inverse_sqrt_correction2 + args->eps;
        p[j] = args->decay_factor * p[j] - args->step_size * (m[j] / denominator);
    }
}

R(update_fn) *const K(updates)[] = {
    [MLPBN_SGD] = sgd,
    [MLPBN_RMSPROP] = rmsprop,
    [MLPBN_ADAM] = adam,
    [MLPBN_ADAMW] = adam,
};

MLPBN__ASSERT_ROWS(K(updates), MLPBN__OPTIMIZER_KIND_END);
