/* Updates of n parameters by their gradients; the formulas stand in mlpbn/optimizer.h. */
#include "kernel/real_math.h"
#include "kernel/simd.h"

static void sgd(const R(update_args) *s)
{
    const size_t n = s->n;
    const real *g = s->g;
    real *m = s->m, *p = s->p;
    if (!m) {
        for (size_t j = 0; j < n; j++)
            p[j] -= s->rate * (s->clip * g[j]);
    } else if (s->nesterov) {
        for (size_t j = 0; j < n; j++) {
            m[j] = s->beta1 * m[j] + s->clip * g[j];
            p[j] -= s->rate * (s->clip * g[j] + s->beta1 * m[j]);
        }
    } else {
        for (size_t j = 0; j < n; j++) {
            m[j] = s->beta1 * m[j] + s->clip * g[j];
            p[j] -= s->rate * m[j];
        }
    }
}

static void rmsprop(const R(update_args) *s)
{
    const size_t n = s->n;
    const real *g = s->g;
    real *m = s->m, *v = s->v, *p = s->p;
    for (size_t j = 0; j < n; j++) {
        real gradient = s->clip * g[j];
        v[j] = s->beta2 * v[j] + s->one_minus_beta2 * gradient * gradient;
        real change = gradient / (REAL_MATH(sqrt)(v[j]) + s->eps);
        if (m)
            change = m[j] = s->beta1 * m[j] + change;
        p[j] -= s->rate * change;
    }
}

static void adam(const R(update_args) *s)
{
    const size_t n = s->n;
    const real *g = s->g;
    real *m = s->m, *v = s->v, *p = s->p;
    for (size_t j = 0; j < n; j++) {
        real gradient = s->clip * g[j];
        m[j] = s->beta1 * m[j] + s->one_minus_beta1 * gradient;
        v[j] = s->beta2 * v[j] + s->one_minus_beta2 * gradient * gradient;
        real deviation = REAL_MATH(sqrt)(v[j]) * s->inverse_root2 + s->eps;
        p[j] = s->decay_factor * p[j] - s->rate * (m[j] / deviation);
    }
}

R(update_fn) *const K(updates)[] = {
    [MLPBN_SGD] = sgd,
    [MLPBN_RMSPROP] = rmsprop,
    [MLPBN_ADAM] = adam,
    [MLPBN_ADAMW] = adam,
};

_Static_assert(sizeof K(updates) / sizeof *K(updates) == MLPBN__OPTIMIZER_KIND_END,
               "each kind of optimizer has its kernel");
