#include "nn/finite_difference.h"

#include "base/error.h"
#include "model/activation_table.h"
#include "nn/labels.h"
#include "nn/typed_ops.h"

#include <math.h>

/* Of step sizes h, from scale / 128 to scale / 128 / 4^8. Each extrapolates the differences with
 * steps 2h and h (Richardson, 1911). */
enum { LEVELS = 9 };

static uint64_t mix(uint64_t hash, int bit)
{
    return (hash ^ (uint64_t)bit) * UINT64_C(0x100000001B3); /* FNV-1a */
}

/* Hashes which kinks of its activation each pre-activation is above. The pre-activation is
 * z + b, or gamma xhat + beta if batchnorm comes before the activation. If the output has
 * replaced z, all kinks are at 0, and the output has the sign of the pre-activation
 * (model/activation_table.h). */
static uint64_t layer_pattern(const mlpbn_layer *layer, const mlpbn_workspace *ws,
                              uint64_t hash)
{
    const mlpbn__activation_traits *f = mlpbn__activations + layer->options.activation;
    const mlpbn__layer_cache *cache = ws->caches + layer->index;
    int normalizes_before =
        layer->options.batchnorm && !layer->batchnorm.options.after_activation;
    const double *z = cache->z, *gamma = NULL, *shift = NULL;
    if (cache->a != cache->z) {
        gamma = normalizes_before ? mlpbn__layer_data(layer, MLPBN_GAMMA) : NULL;
        shift = mlpbn__layer_data(layer, normalizes_before ? MLPBN_BETA : MLPBN_BIAS);
    }
    for (size_t u = 0; u < layer->options.units; u++, z += ws->pass.ld)
        for (size_t i = 0; i < ws->pass.n; i++) {
            double x = (gamma ? gamma[u] : 1) * z[i] + (shift ? shift[u] : 0);
            for (int k = 0; k < f->n_kinks; k++)
                hash = mix(hash, x > f->kinks[k]);
        }
    return hash;
}

static uint64_t activation_pattern(const mlpbn__objective *o, uint64_t hash)
{
    for (size_t l = 0; l < o->network->n_layers; l++)
        hash = layer_pattern(o->network->layers + l, o->workspace, hash);
    return hash;
}

/* Hashes which kinks of the loss each error is above. */
static uint64_t loss_pattern(const mlpbn__objective *o, uint64_t hash)
{
    const mlpbn__pass *pass = &o->workspace->pass;
    const double *y = o->workspace->caches[o->network->n_layers - 1].a;
    const double *target = o->workspace->targets;
    if (!mlpbn__losses[o->loss->loss].has_kink)
        return hash;
    double delta = o->loss->loss == MLPBN_HUBER ? o->loss->huber_delta : 0;
    for (size_t u = 0; u < mlpbn__network_outputs(o->network); u++)
        for (size_t i = 0; i < pass->n; i++) {
            double error = y[u * pass->ld + i] - target[u * pass->ld + i];
            hash = mix(mix(hash, error > delta), error < -delta);
        }
    return hash;
}

static mlpbn_status evaluate(const mlpbn__objective *o, double *cost, uint64_t *pattern)
{
    mlpbn_metrics metrics;
    RETURN_IF_ERROR(mlpbn__typed_ops_f64.training_loss(o->network, o->workspace,
                                                       &o->batch, o->loss, &metrics));
    *cost = metrics.cost;
    *pattern = loss_pattern(o, activation_pattern(o, UINT64_C(0xCBF29CE484222325)));
    return MLPBN_OK;
}

mlpbn_status mlpbn__objective_begin(mlpbn__objective *objective)
{
    double cost;
    return evaluate(objective, &cost, &objective->pattern);
}

/* *difference = (f(p + h) - f(p - h)) / 2h. Returns 0 if a pre-activation or an error is on
 * another side of its kink at p + h or p - h, or if the cost cannot be computed there. */
static int central_difference(const mlpbn__objective *o, double *p, double h,
                              double *difference)
{
    const double original = *p;
    double cost[2], at[2] = {original + h, original - h};
    int is_smooth = 1;
    for (int side = 0; side < 2 && is_smooth; side++) {
        uint64_t pattern = 0;
        *p = at[side];
        is_smooth =
            evaluate(o, &cost[side], &pattern) == MLPBN_OK && pattern == o->pattern;
    }
    *p = original;
    if (is_smooth)
        *difference = (cost[0] - cost[1]) / (at[0] - at[1]); /* 2h as rounded */
    return is_smooth;
}

mlpbn__derivative mlpbn__differentiate(const mlpbn__objective *o, double *p, double scale,
                                       double tolerance, double floor)
{
    double h = scale / 128, previous = HUGE_VAL, best = 0, best_change = HUGE_VAL;
    int crossed_kink = 0;
    for (int level = 0; level < LEVELS; level++, h /= 4) {
        double coarse, fine;
        if (!central_difference(o, p, 2 * h, &coarse) ||
            !central_difference(o, p, h, &fine)) {
            crossed_kink = 1;
            continue;
        }
        double estimate = (4 * fine - coarse) / 3, change = fabs(estimate - previous);
        previous = estimate;
        if (change < best_change) {
            best = estimate;
            best_change = change;
        }
        if (best_change <= tolerance / 1000 * fmax(fabs(best), floor) ||
            change > 8 * best_change) /* rounding errors dominate */
            break;
    }
    int is_inaccurate = !(best_change <= tolerance / 2 * fmax(fabs(best), floor));
    return (mlpbn__derivative){best, crossed_kink && is_inaccurate};
}
