/* Updates of n parameters by their gradients; the formulae stand in mlpbn/optimizer.h. A new
 * one is a function here, a line in the table and an enumerator there. */
#include "kernel/simd.h"
#include "kernel/real_math.h"

static void sgd(size_t n, const R(step) *s, const real *g, real *m, real *v, real *p)
{
    (void)v;
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

static void rmsprop(size_t n, const R(step) *s, const real *g, real *m, real *v, real *p)
{
    for (size_t j = 0; j < n; j++) {
        real gradient = s->clip * g[j];
        v[j] = s->beta2 * v[j] + s->rest2 * gradient * gradient;
        real change = gradient / (REAL_MATH(sqrt)(v[j]) + s->eps);
        if (m)
            change = m[j] = s->beta1 * m[j] + change;
        p[j] -= s->rate * change;
    }
}

static void adam(size_t n, const R(step) *s, const real *g, real *m, real *v, real *p)
{
    for (size_t j = 0; j < n; j++) {
        real gradient = s->clip * g[j];
        m[j] = s->beta1 * m[j] + s->rest1 * gradient;
        v[j] = s->beta2 * v[j] + s->rest2 * gradient * gradient;
        real deviation = REAL_MATH(sqrt)(v[j]) * s->inverse_root2 + s->eps;
        p[j] = s->keep * p[j] - s->rate * (m[j] / deviation);
    }
}

R(update) *const K(updates)[] = {
    [MLPBN_SGD] = sgd,
    [MLPBN_RMSPROP] = rmsprop,
    [MLPBN_ADAM] = adam,
    [MLPBN_ADAMW] = adam,
};
