/* The functions of mlpbn/schedule.h. */
#include "api/check.h"
#include "api/options.h"
#include "nn/schedule.h"

#include <math.h>

double mlpbn_constant_schedule(const void *options, uint64_t step)
{
    mlpbn_constant_schedule_options checked;
    (void)step;
    return mlpbn__read_constant_schedule_options(&checked, options)
               ? (double)NAN
               : checked.learning_rate;
}

/* Defines a public schedule, which checks the options and calls the one of nn/schedule.h. */
#define DEFINE_SCHEDULE(name)                                                            \
    double mlpbn_##name(const void *options, uint64_t step)                              \
    {                                                                                    \
        mlpbn_##name##_options checked;                                                  \
        return mlpbn__read_##name##_options(&checked, options)                           \
                   ? (double)NAN                                                         \
                   : mlpbn__##name(&checked, step);                                      \
    }

DEFINE_SCHEDULE(step_schedule)
DEFINE_SCHEDULE(exponential_schedule)
DEFINE_SCHEDULE(cosine_schedule)
DEFINE_SCHEDULE(one_cycle_schedule)
DEFINE_SCHEDULE(warmup_schedule)

mlpbn_status mlpbn_plateau_update(mlpbn_plateau *state,
                                  const mlpbn_plateau_options *options, double metric)
{
    mlpbn_plateau checked_state;
    mlpbn_plateau_options checked;
    RETURN_IF_ERROR(mlpbn__read_plateau(&checked_state, state));
    RETURN_IF_ERROR(mlpbn__read_plateau_options(&checked, options));
    if (isnan(metric))
        return mlpbn__fail(MLPBN_ENONFINITE, "metric: expected a number, got nan");
    mlpbn__plateau_update(&checked_state, &checked, metric);
    return mlpbn__struct_write(state, &checked_state, sizeof checked_state,
                               "mlpbn_plateau");
}
