#include "nn/finite_difference.h"

#include "base/dtype.h"
#include "base/error.h"
#include "model/activation_table.h"
#include "nn/labels.h"
#include "nn/typed_ops.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Of step sizes h, from scale / 128 to scale / 128 / 4^8. Each extrapolates the differences with
 * steps 2h and h (Richardson, 1911). */
enum { LEVELS = 9 };

static const uint64_t EMPTY_HASH = UINT64_C(0xCBF29CE484222325); /* FNV-1a */

static uint64_t mix(uint64_t hash, int bit)
{
    return (hash ^ (uint64_t)bit) * UINT64_C(0x100000001B3);
}

/* Hashes which kinks of its activation each pre-activation is above. The pre-activation is
 * z + b, or gamma xhat + beta if batchnorm comes before the activation. If the output has
 * replaced z, all kinks are at 0, and the output has the sign of the pre-activation
 * (model/activation_table.h). */
static uint64_t layer_pattern(const mlpbn_layer *layer, const mlpbn_workspace *ws)
{
    const mlpbn__activation_traits *f = mlpbn__activations + layer->options.activation;
    const mlpbn__layer_cache *cache = ws->caches + layer->index;
    int normalizes_before =
        layer->options.batchnorm && !layer->batchnorm.options.after_activation;
    const void *gamma = NULL, *shift = NULL;
    uint64_t hash = EMPTY_HASH;
    if (cache->a != cache->z) {
        gamma = normalizes_before ? mlpbn__layer_data(layer, MLPBN_GAMMA) : NULL;
        shift = mlpbn__layer_data(layer, normalizes_before ? MLPBN_BETA : MLPBN_BIAS);
    }
    for (size_t u = 0; u < layer->options.units; u++) {
        double scale = gamma ? mlpbn__load(ws->dtype, gamma, u) : 1;
        double offset = shift ? mlpbn__load(ws->dtype, shift, u) : 0;
        for (size_t i = 0; i < ws->pass.n; i++) {
            double z = mlpbn__load(ws->dtype, cache->z, u * ws->pass.ld + i);
            for (int k = 0; k < f->n_kinks; k++)
                hash = mix(hash, scale * z + offset > f->kinks[k]);
        }
    }
    return hash;
}

/* Hashes which kinks of the loss each error is above. */
static uint64_t loss_pattern(const mlpbn_network *network, const mlpbn_workspace *ws,
                             const mlpbn_loss_options *loss)
{
    const mlpbn__pass *pass = &ws->pass;
    const void *y = ws->caches[network->n_layers - 1].a;
    uint64_t hash = EMPTY_HASH;
    if (!mlpbn__losses[loss->loss].has_kink)
        return hash;
    double delta = loss->loss == MLPBN_HUBER ? loss->huber_delta : 0;
    for (size_t u = 0; u < mlpbn__network_outputs(network); u++)
        for (size_t i = 0; i < pass->n; i++) {
            double error = mlpbn__load(ws->dtype, y, u * pass->ld + i) -
                           mlpbn__load(ws->dtype, ws->targets, u * pass->ld + i);
            hash = mix(mix(hash, error > delta), error < -delta);
        }
    return hash;
}

/* The patterns [n_layers + 1] of the last pass in this workspace. */
static void read_patterns(const mlpbn_network *network, const mlpbn_workspace *ws,
                          const mlpbn_loss_options *loss, uint64_t *patterns)
{
    for (size_t l = 0; l < network->n_layers; l++)
        patterns[l] = layer_pattern(network->layers + l, ws);
    patterns[network->n_layers] = loss_pattern(network, ws, loss);
}

static mlpbn_status evaluate(const mlpbn__objective *o, double *cost, uint64_t *patterns)
{
    mlpbn_metrics metrics;
    RETURN_IF_ERROR(mlpbn__typed_ops_f64.training_loss(o->network, o->workspace,
                                                       &o->batch, o->loss, &metrics));
    *cost = metrics.cost;
    read_patterns(o->network, o->workspace, o->loss, patterns);
    return MLPBN_OK;
}

/* The first kink that lies between the point and the one nearby. */
static mlpbn__obstacle kink_between(const mlpbn__objective *o)
{
    size_t layers = o->network->n_layers;
    for (size_t l = 0; l < layers; l++)
        if (o->nearby[l] != o->patterns[l])
            return (mlpbn__obstacle){MLPBN_SKIPPED_ACTIVATION, l};
    if (o->nearby[layers] != o->patterns[layers])
        return (mlpbn__obstacle){MLPBN_SKIPPED_LOSS, 0};
    return (mlpbn__obstacle){MLPBN_NOT_SKIPPED, 0};
}

/* A bound of the cost's rounding errors: ten standard deviations, estimated from values f at
 * equidistant parameters (1 + i step) p. The k-th difference of a smooth f is nearly 0, that of
 * its errors has the variance (2k)! / (k!)^2 times theirs (More and Wild, "Estimating
 * computational noise", 2011, section 3). The largest of several k is returned, or 0 if a unit
 * or an error is near its kink, or f not finite. */
static double cost_noise(const mlpbn__objective *o, const double *parameters)
{
    enum { POINTS = 7, FIRST_K = 3 };
    const double step = 1e-6; /* f is smooth at this scale, its rounding errors are not */
    double f[POINTS], noise = 0, variance = 1;
    double *changed = o->network->parameters;
    for (int i = 0; i < POINTS; i++) {
        for (size_t j = 0; j < o->network->n_parameters; j++)
            changed[j] = parameters[j] * (1 + i * step);
        if (evaluate(o, &f[i], o->nearby) != MLPBN_OK || kink_between(o).reason)
            return 0;
    }
    for (int k = 1; k < POINTS; k++) {
        double sum = 0;
        for (int i = 0; i < POINTS - k; i++) {
            f[i] = f[i + 1] - f[i];
            sum += f[i] * f[i];
        }
        variance *= (4. * k - 2) / k; /* (2k)! / (k!)^2 */
        if (k >= FIRST_K)
            noise = fmax(noise, sqrt(sum / (POINTS - k) / variance));
    }
    return 10 * noise;
}

/* Sets cost_noise, and restores the parameters. */
static mlpbn_status estimate_cost_noise(mlpbn__objective *objective)
{
    void *now = objective->network->parameters;
    size_t bytes = objective->network->n_parameters * sizeof(double);
    double *parameters = malloc(bytes);
    if (!parameters)
        return mlpbn__fail(MLPBN_ENOMEM, "no memory for a copy of the parameters");
    memcpy(parameters, now, bytes);
    objective->cost_noise = cost_noise(objective, parameters);
    memcpy(now, parameters, bytes);
    free(parameters);
    return MLPBN_OK;
}

mlpbn_status mlpbn__objective_begin(mlpbn__objective *objective)
{
    double cost;
    size_t n = objective->network->n_layers + 1;
    objective->patterns = calloc(n, 2 * sizeof *objective->patterns);
    if (!objective->patterns)
        return mlpbn__fail(MLPBN_ENOMEM, "no memory to check %zu layers", n - 1);
    objective->nearby = objective->patterns + n;
    RETURN_IF_ERROR(evaluate(objective, &cost, objective->patterns));
    return estimate_cost_noise(objective);
}

void mlpbn__objective_end(mlpbn__objective *objective)
{
    free(objective->patterns);
}

mlpbn__obstacle mlpbn__rounded_across_kink(const mlpbn__objective *o,
                                           const mlpbn_network *network,
                                           const mlpbn_workspace *workspace)
{
    read_patterns(network, workspace, o->loss, o->nearby);
    mlpbn__obstacle obstacle = kink_between(o);
    if (obstacle.reason)
        obstacle.reason = MLPBN_SKIPPED_ROUNDING;
    return obstacle;
}

/* *difference = (f(p + h) - f(p - h)) / 2h, unless a pre-activation or an error is on another
 * side of its kink at p + h or p - h, or f is not finite there. */
static mlpbn__obstacle central_difference(const mlpbn__objective *o, double *p, double h,
                                          double *difference)
{
    const double original = *p;
    double cost[2], at[2] = {original + h, original - h};
    mlpbn__obstacle obstacle = {MLPBN_NOT_SKIPPED, 0};
    for (int side = 0; side < 2 && !obstacle.reason; side++) {
        *p = at[side];
        if (evaluate(o, &cost[side], o->nearby) == MLPBN_OK)
            obstacle = kink_between(o);
        else
            obstacle.reason = MLPBN_SKIPPED_NONFINITE;
    }
    *p = original;
    if (!obstacle.reason)
        *difference = (cost[0] - cost[1]) / (at[0] - at[1]); /* 2h as rounded */
    return obstacle;
}

mlpbn__derivative mlpbn__differentiate(const mlpbn__objective *o, double *p, double scale,
                                       double tolerance, double floor)
{
    double h = scale / 128, previous = HUGE_VAL, best = 0, best_change = HUGE_VAL;
    double best_h = h;
    mlpbn__obstacle last = {MLPBN_NOT_SKIPPED, 0};
    for (int level = 0; level < LEVELS; level++, h /= 4) {
        double coarse, fine;
        mlpbn__obstacle obstacle = central_difference(o, p, 2 * h, &coarse);
        if (!obstacle.reason)
            obstacle = central_difference(o, p, h, &fine);
        if (obstacle.reason) {
            last = obstacle;
            continue;
        }
        double estimate = (4 * fine - coarse) / 3, change = fabs(estimate - previous);
        previous = estimate;
        if (change < best_change) {
            best = estimate;
            best_h = h;
            best_change = change;
        }
        if (best_change <= tolerance / 1000 * fmax(fabs(best), floor) ||
            change > 8 * best_change) /* rounding errors dominate */
            break;
    }
    int is_accurate = best_change <= tolerance / 2 * fmax(fabs(best), floor);
    if (is_accurate) /* An obstacle at larger steps does not count. */
        last.reason = MLPBN_NOT_SKIPPED;
    /* (4 D(h) - D(2h)) / 3, where D(h) has the error cost_noise / h. */
    return (mlpbn__derivative){best, 1.5 * o->cost_noise / best_h, last};
}
