/* Compares one_cycle_at with values worked out by hand. */
#include "one_cycle.h"

#include <math.h>
#include <stdio.h>

static int failures;

static void expect(const one_cycle *schedule, uint64_t step, double rate)
{
    double got = one_cycle_at(schedule, step);
    if (fabs(got - rate) <= 1e-15)
        return;
    printf("step %llu: %.17g instead of %.17g\n", (unsigned long long)step, got, rate);
    failures++;
}

int main(void)
{
    const one_cycle schedule = {0.25, 1000};
    expect(&schedule, 0, 0.01);
    expect(&schedule, 100, 0.07); /* (1 - cos 60 degrees) / 2 = 1 / 4 of the rise */
    expect(&schedule, 150, 0.13);
    expect(&schedule, 300, 0.25);
    expect(&schedule, 650, 0.125);
    expect(&schedule, 1000, 0);
    return failures > 0;
}
