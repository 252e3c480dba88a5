/* Compares cyclic_lr_at, called as a schedule of the library, with values worked out by hand
 * from Smith's formulas. */
#include "cyclic_lr.h"

#include <mlpbn/schedule.h>

#include <math.h>
#include <stdio.h>

static int failures;

static void expect(const char *name, const cyclic_lr *schedule, uint64_t step,
                   double rate)
{
    mlpbn_schedule *const at = cyclic_lr_at;
    double got = at(schedule, step);
    if (fabs(got - rate) <= 1e-15)
        return;
    printf("%s, step %llu: %.17g instead of %.17g\n", name, (unsigned long long)step, got,
           rate);
    failures++;
}

int main(void)
{
    cyclic_lr schedule = {CYCLIC_TRIANGULAR, 0.25, 1.25, 4, 0.5};
    expect("triangular", &schedule, 0, 0.25);
    expect("triangular", &schedule, 1, 0.5);
    expect("triangular", &schedule, 4, 1.25);
    expect("triangular", &schedule, 7, 0.5);
    expect("triangular", &schedule, 8, 0.25);
    expect("triangular", &schedule, 12, 1.25);
    expect("triangular", &schedule, (uint64_t)1 << 40 | 4, 1.25);

    schedule.policy = CYCLIC_TRIANGULAR2;
    expect("triangular2", &schedule, 4, 1.25);
    expect("triangular2", &schedule, 12, 0.75);
    expect("triangular2", &schedule, 13, 0.625);
    expect("triangular2", &schedule, 20, 0.5);

    schedule.policy = CYCLIC_EXP_RANGE;
    expect("exp_range", &schedule, 0, 0.25);
    expect("exp_range", &schedule, 1, 0.25 + 0.25 * 0.5);
    expect("exp_range", &schedule, 4, 0.25 + 1.0 / 16);
    expect("exp_range", &schedule, 8, 0.25);

    schedule = (cyclic_lr){CYCLIC_TRIANGULAR, 1e-5, 1e-1, 1, 1};
    expect("n_s = 1", &schedule, 0, 1e-5);
    expect("n_s = 1", &schedule, 1, 1e-1);
    expect("n_s = 1", &schedule, 2, 1e-5);
    return failures > 0;
}
