/* Prints lines of progress whose time left is known: half a second after it counts, and long
 * enough that the time which this program takes does not show. */
#include "progress.h"
#include "stopwatch.h"

/* Prints epoch 3 of 4, reached in so many seconds from this fraction of the run on. */
static void print(double seconds, double done_at_start)
{
    progress_bar bar = progress_start(false, 1, 4);
    const progress_state state = {.run = 1, .step = 300, .steps = 100};
    bar.start = stopwatch_now() - seconds;
    bar.done_at_start = done_at_start;
    progress_epoch(&bar, &state);
}

int main(void)
{
    print(300.5, 0);    /* 3 epochs took 300 s: 1:40 left */
    print(200.5, 0.25); /* 2 epochs of this process did */
    print(100.5, 0.5);  /* 1 */
    print(100.5, 0.75); /* none: nothing is known */
    print(0.1, 0.5);
    return 0;
}
