#include "nn/schedule.h"

#include <math.h>

static const double PI = 3.14159265358979323846;

/* Interpolates with 0 <= weight <= 1. At both ends the result is exact. */
static double interpolate(double from, double to, double weight_of_to)
{
    return from * (1 - weight_of_to) + to * weight_of_to;
}

/* Interpolates along half a cosine: `from` at x = 0, `to` at x = 1. */
static double anneal_cosine(double from, double to, double x)
{
    return interpolate(to, from, (1 + cos(PI * x)) / 2);
}

double mlpbn__step_schedule(const mlpbn_step_schedule_options *options, uint64_t step)
{
    return options->learning_rate *
           pow(options->gamma, (double)(step / options->step_size));
}

double mlpbn__exponential_schedule(const mlpbn_exponential_schedule_options *options,
                                   uint64_t step)
{
    return options->learning_rate * pow(options->gamma, (double)step);
}

/* The fraction t / T of its cycle that is over at a step; 1 after the last cycle. */
static double fraction_of_cycle(const mlpbn_cosine_schedule_options *options,
                                uint64_t step)
{
    const uint64_t multiplier = options->cycle_multiplier;
    uint64_t length = options->cycle_steps, cycle = 0;
    double T = (double)length;
    if (multiplier == 1) {
        cycle = step / length;
        step %= length;
    }
    /* These are fewer than 64 cycles, because each is at least twice as long as the one before.
     * A length that overflows is the last: no step is beyond it. */
    while (step >= length) {
        step -= length;
        length = length > UINT64_MAX / multiplier ? UINT64_MAX : length * multiplier;
        T *= (double)multiplier;
        cycle++;
    }
    return options->cycles > 0 && cycle >= options->cycles ? 1 : (double)step / T;
}

double mlpbn__cosine_schedule(const mlpbn_cosine_schedule_options *options, uint64_t step)
{
    return anneal_cosine(options->learning_rate, options->min_rate,
                         fraction_of_cycle(options, step));
}

/* A phase of the one-cycle policy: it ends at step `end` with the rate `to`. */
struct phase {
    double end, to;
};

double mlpbn__one_cycle_schedule(const mlpbn_one_cycle_schedule_options *options,
                                 uint64_t step)
{
    const double end = (double)(options->total_steps - 1);
    const double first = options->max_rate / options->div_factor;
    const double last = first / options->final_div_factor;
    const double up = options->pct_start * (double)options->total_steps - 1;
    const struct phase phases[] = {{fmin(fmax(up, 0), end), options->max_rate},
                                   {fmin(fmax(2 * up, 0), end), first},
                                   {end, last}};
    const double t = fmin((double)step, end);
    double start = 0, from = first;
    size_t i = 0;
    while (t > phases[i].end) {
        start = phases[i].end;
        from = phases[i].to;
        i += i == 0 && !options->three_phase ? 2 : 1;
    }
    const double length = phases[i].end - start;
    const double x = length > 0 ? (t - start) / length : 1;
    return options->annealing == MLPBN_ANNEAL_COSINE
               ? anneal_cosine(from, phases[i].to, x)
               : interpolate(from, phases[i].to, x);
}

double mlpbn__warmup_schedule(const mlpbn_warmup_schedule_options *options, uint64_t step)
{
    if (step >= options->steps)
        return options->schedule(options->options, step - options->steps);
    const double rate = options->schedule(options->options, 0);
    const double x = (double)step / (double)options->steps;
    return isfinite(rate) ? rate * interpolate(options->start_factor, 1, x) : rate;
}

/* Whether a metric is better than the best one so far, by more than the threshold. */
static int is_better(const mlpbn_plateau_options *options, double metric, double best)
{
    const double sign = options->mode == MLPBN_PLATEAU_MIN ? 1 : -1;
    double limit = sign * best; /* the metric is now one to be small */
    if (options->threshold_mode == MLPBN_THRESHOLD_ABSOLUTE)
        limit -= options->threshold;
    else
        limit *= limit > 0 ? 1 - options->threshold : 1 + options->threshold;
    return sign * metric < limit;
}

/* The worst number, which stands for the best metric before the first one. */
static double worst(mlpbn_plateau_mode mode)
{
    return mode == MLPBN_PLATEAU_MIN ? HUGE_VAL : -HUGE_VAL;
}

void mlpbn__plateau_update(mlpbn_plateau *state, const mlpbn_plateau_options *options,
                           double metric)
{
    const double best = state->epochs > 0 ? state->best : worst(options->mode);
    const int better = is_better(options, metric, best);
    state->best = better ? metric : best;
    state->epochs += state->epochs < UINT64_MAX;
    if (state->cooldown_left > 0) {
        state->cooldown_left--;
        state->bad_epochs = 0;
    } else if (better) {
        state->bad_epochs = 0;
    } else if (state->bad_epochs < options->patience) {
        state->bad_epochs++;
    } else {
        state->factor = fmax(state->factor * options->factor, options->min_factor);
        state->cooldown_left = options->cooldown;
        state->bad_epochs = 0;
    }
}
