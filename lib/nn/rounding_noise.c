#include "nn/rounding_noise.h"

#include "base/array.h"
#include "base/error.h"
#include "base/memory.h"
#include "base/random.h"
#include "nn/typed_ops.h"

#include <math.h>
#include <string.h>

enum { DRAWS = 4 };

static const double CHANGE = 2;       /* of the data, in eps */
static const double MARGIN = 2;       /* noise by the largest change of the gradient */
static const double LEAST_NOISE = 16; /* in eps, by the largest derivative */

/* An array [n], and a copy of it before it was changed. */
typedef struct kept_array {
    double *values, *kept;
    size_t n;
} kept_array;

typedef struct rounding {
    const mlpbn__objective *objective;
    kept_array parameters, x, weights, gradients, dx;
} rounding;

static kept_array keep(mlpbn__arena *arena, double *values, size_t n)
{
    return (kept_array){values, mlpbn__arena_alloc(arena, n, sizeof(double)), n};
}

static rounding lay_out(mlpbn__arena *arena, const mlpbn__objective *o, double *x,
                        double *weights)
{
    size_t n = o->batch.n, inputs = mlpbn__multiply(n, o->network->inputs);
    size_t parameters = o->network->n_parameters;
    rounding s = {.objective = o};
    s.parameters = keep(arena, o->network->parameters, parameters);
    s.x = keep(arena, x, inputs);
    s.weights = keep(arena, weights, n);
    s.gradients = keep(arena, o->workspace->gradients, parameters);
    s.dx = keep(arena, mlpbn__arena_alloc(arena, inputs, sizeof(double)), inputs);
    return s;
}

static void restore(kept_array a)
{
    memcpy(a.values, a.kept, a.n * sizeof *a.kept);
}

static void change(kept_array a, double amount, mlpbn__random *random)
{
    for (size_t i = 0; i < a.n; i++)
        a.values[i] *= 1 + amount * (2 * mlpbn__random_uniform(random) - 1);
}

static mlpbn_status compute_gradient(const rounding *s)
{
    const mlpbn__objective *o = s->objective;
    return mlpbn__typed_ops_f64.gradient(o->network, o->workspace, &o->batch, o->loss,
                                         NULL, s->dx.values);
}

static double max_abs(const double *values, size_t n)
{
    double max = 0;
    for (size_t i = 0; i < n; i++)
        max = fmax(max, fabs(values[i]));
    return max;
}

/* The largest |values - kept| in the tensor's part of the gradient. */
static double tensor_change(kept_array gradients, const mlpbn__tensor *tensor)
{
    double max = 0;
    for (size_t i = 0; i < tensor->rows; i++)
        for (size_t j = 0; j < tensor->columns; j++) {
            size_t e = tensor->offset + i * tensor->stride + j;
            max = fmax(max, fabs(gradients.values[e] - gradients.kept[e]));
        }
    return max;
}

/* Computes the gradient of changed data and raises the noise to its change, unless a unit or
 * an error crosses its kink, where the gradient jumps. */
static void draw(const rounding *s, double *noise, size_t tensors, double amount,
                 mlpbn__random *random)
{
    const mlpbn__objective *o = s->objective;
    change(s->parameters, amount, random);
    change(s->x, amount, random);
    change(s->weights, amount, random);
    if (compute_gradient(s) == MLPBN_OK &&
        !mlpbn__rounded_across_kink(o, o->network, o->workspace).reason) {
        for (size_t t = 0; t < tensors; t++)
            noise[t] = fmax(
                noise[t], MARGIN * tensor_change(s->gradients, o->network->tensors + t));
        for (size_t i = 0; i < s->dx.n; i++)
            noise[tensors] =
                fmax(noise[tensors], MARGIN * fabs(s->dx.values[i] - s->dx.kept[i]));
    }
    restore(s->parameters);
    restore(s->x);
    restore(s->weights);
}

static mlpbn_status draw_all(const rounding *s, double *noise, size_t tensors, double eps,
                             uint64_t seed)
{
    mlpbn__random random = mlpbn__random_new(seed, MLPBN__STREAM_ROUNDING, 0);
    RETURN_IF_ERROR(compute_gradient(s));
    const kept_array *arrays[] = {&s->parameters, &s->x, &s->weights, &s->gradients,
                                  &s->dx};
    for (size_t i = 0; i < MLPBN__LENGTH(arrays); i++)
        memcpy(arrays[i]->kept, arrays[i]->values, arrays[i]->n * sizeof(double));
    for (size_t t = 0; t < tensors; t++)
        noise[t] = LEAST_NOISE * eps * max_abs(s->gradients.kept, s->gradients.n);
    noise[tensors] = LEAST_NOISE * eps * max_abs(s->dx.kept, s->dx.n);
    for (int i = 0; i < DRAWS; i++)
        draw(s, noise, tensors, CHANGE * eps, &random);
    return MLPBN_OK;
}

mlpbn_status mlpbn__gradient_noise(double *noise, size_t tensors,
                                   const mlpbn__objective *objective, double *x,
                                   double *weights, double eps, uint64_t seed)
{
    mlpbn__arena arena = {0};
    lay_out(&arena, objective, x, weights);
    void *block = mlpbn__arena_overflowed(&arena) ? NULL : mlpbn__memory_new(arena.used);
    if (!block)
        return mlpbn__fail(MLPBN_ENOMEM, "no memory to estimate rounding errors");
    arena = (mlpbn__arena){.base = block};
    const rounding s = lay_out(&arena, objective, x, weights);
    mlpbn_status status = draw_all(&s, noise, tensors, eps, seed);
    mlpbn__memory_free(block);
    return status;
}
