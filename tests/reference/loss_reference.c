#include "loss_reference.h"

#include <math.h>

/* Accurate also where long double has only 53 bits, as under valgrind: no large logit is
 * subtracted from log sum exp. Targets of a label are 1 - smoothing + smoothing / k, and
 * smoothing / k for the others. */
static long double cross_entropy(const mlpbn_loss_options *o, size_t k,
                                 const long double *y, const long double *targets,
                                 int32_t label, long double *d)
{
    const int has_label = o->loss == MLPBN_SOFTMAX_CROSS_ENTROPY;
    const long double smoothing = (long double)o->label_smoothing;
    long double max = -HUGE_VALL, sum = 0, loss = 0, all = 0;
    for (size_t i = 0; i < k; i++)
        max = fmaxl(max, y[i]);
    for (size_t i = 0; i < k; i++)
        sum += expl(y[i] - max);
    for (size_t i = 0; i < k; i++) {
        long double t = has_label ? smoothing / (long double)k +
                                        (i == (size_t)label) * (1 - smoothing)
                                  : targets[i];
        if (o->class_weights)
            t *= (long double)o->class_weights[i];
        all += t;
        loss += t * (logl(sum) + max - y[i]);
        d[i] = -t;
    }
    for (size_t i = 0; i < k; i++)
        d[i] += all * expl(y[i] - max) / sum;
    return loss;
}

/* The loss of output i. */
static long double output_loss(const mlpbn_loss_options *o, size_t i, long double y,
                               long double target, long double *d)
{
    const long double e = y - target, delta = (long double)o->huber_delta;
    /* -log s(y) and -log s(-y) */
    const long double yes = y > 0 ? log1pl(expl(-y)) : log1pl(expl(y)) - y, no = yes + y;
    const long double p = o->pos_weights ? (long double)o->pos_weights[i] : 1;
    const long double q = (long double)(o->quantiles ? o->quantiles[i] : o->quantile);
    switch ((int)o->loss) {
    case MLPBN_SIGMOID_CROSS_ENTROPY:
        *d = (1 - target) / (1 + expl(-y)) - p * target / (1 + expl(y));
        return p * target * yes + (1 - target) * no;
    case MLPBN_MEAN_ABSOLUTE_ERROR:
        *d = (long double)((e > 0) - (e < 0));
        return fabsl(e);
    case MLPBN_HUBER:
        *d = fmaxl(-delta, fminl(delta, e));
        return fabsl(e) <= delta ? e * e / 2 : delta * (fabsl(e) - delta / 2);
    case MLPBN_PINBALL:
        *d = e > 0 ? 1 - q : e < 0 ? -q : 0;
        return fmaxl(-q * e, (1 - q) * e);
    case MLPBN_MEAN_SQUARED_ERROR:
        *d = 2 * e;
        return e * e;
    default: /* a loss that has no formula here */
        return *d = (long double)NAN;
    }
}

long double loss_reference(const mlpbn_loss_options *options, size_t k,
                           const long double *y, const long double *targets,
                           int32_t label, long double *d)
{
    long double sum = 0;
    if (options->loss == MLPBN_SOFTMAX_CROSS_ENTROPY ||
        options->loss == MLPBN_SOFT_CROSS_ENTROPY)
        return cross_entropy(options, k, y, targets, label, d);
    for (size_t i = 0; i < k; i++) {
        const int weighted =
            options->loss == MLPBN_SIGMOID_CROSS_ENTROPY && options->class_weights;
        const long double by =
            (weighted ? (long double)options->class_weights[i] : 1) / (long double)k;
        sum += by * output_loss(options, i, y[i], targets[i], d + i);
        d[i] *= by;
    }
    return sum;
}
