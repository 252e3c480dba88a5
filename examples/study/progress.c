/* Draws the progress bar; see progress.h. */
#include "progress.h"

#include "stopwatch.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum { LINE = 200, MAX_BAR = 40, WIDE_TERMINAL = 100 };

/* The time of training before the time left is estimated. */
static const double MIN_SECONDS = 0.5;

progress_bar progress_start(bool quiet, uint64_t runs, uint64_t epochs)
{
    return (progress_bar){
        .shown = !quiet,
        .terminal = isatty(STDERR_FILENO) != 0,
        .runs = runs,
        .epochs = epochs,
    };
}

static int terminal_columns(void)
{
    struct winsize size;
    bool known = ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0;
    return known ? size.ws_col : 80;
}

/* Returns the fraction of the steps of all runs that is done. */
static double fraction_done(const progress_bar *bar, const progress_state *state)
{
    double run = (double)state->step / (double)(state->steps * bar->epochs);
    return ((double)(state->run - 1) + run) / (double)bar->runs;
}

static void print_heading(char text[LINE], const progress_bar *bar,
                          const progress_state *state)
{
    int n = 0;
    if (bar->runs > 1)
        n = snprintf(text, LINE, "run %" PRIu64 "/%" PRIu64 "  ", state->run, bar->runs);
    snprintf(text + n, (size_t)(LINE - n), "epoch %2" PRIu64 "/%" PRIu64,
             (state->step + state->steps - 1) / state->steps, bar->epochs);
}

/* Writes "  3:22 left", or "" in the first MIN_SECONDS. spent: seconds in which the fraction of
 * the steps that is done rose from `before` to `done`. */
static void print_time_left(char text[LINE], double spent, double before, double done)
{
    text[0] = '\0';
    if (spent < MIN_SECONDS || done <= before)
        return;
    long left = (long)(spent * (1 - done) / (done - before));
    snprintf(text, LINE, "  %ld:%02ld left", left / 60, left % 60);
}

static void print_metrics(char text[LINE], const progress_bar *bar,
                          const progress_state *state, bool with_validation)
{
    char validation[LINE] = "", left[LINE];
    print_time_left(left, stopwatch_now() - bar->start, bar->done_at_start,
                    fraction_done(bar, state));
    if (with_validation && state->validation > 0)
        snprintf(validation, LINE, "val %.1f %%  ", 100 * state->validation);
    snprintf(text, LINE, "lr %.4f  cost %.3f  acc %.1f %%  %.20s%.0fk img/s%.20s",
             state->learning_rate, state->cost, 100 * state->accuracy, validation,
             state->images_per_second / 1000, left);
}

/* Writes "[#####-----]  ", at most `columns` wide between the brackets, or "" if columns <= 0. */
static void print_bar(char text[LINE], int columns, double done)
{
    char bar_text[MAX_BAR];
    int width = columns < MAX_BAR ? columns : MAX_BAR;
    text[0] = '\0';
    if (width <= 0)
        return;
    memset(bar_text, '-', sizeof bar_text);
    memset(bar_text, '#', (size_t)(done * width));
    snprintf(text, LINE, "[%.*s]  ", width, bar_text);
}

static void redraw(int columns, const char *heading, const char *bar_text,
                   const char *metrics)
{
    char line[3 * LINE];
    snprintf(line, sizeof line, "%s  %s%s", heading, bar_text, metrics);
    fprintf(stderr, "\r%.*s\033[K", columns, line);
    fflush(stderr);
}

void progress_step(progress_bar *bar, const progress_state *state)
{
    if (bar->start == 0) { /* not before the first step, which includes one-time work */
        bar->start = stopwatch_now();
        bar->done_at_start = fraction_done(bar, state);
    }
    if (bar->counter)
        ++*bar->counter;
    if (!bar->shown || !bar->terminal || stopwatch_now() - bar->redrawn < 0.1)
        return;
    bar->redrawn = stopwatch_now();

    char heading[LINE], metrics[LINE], bar_text[LINE];
    /* The last column stays free: a line that wraps could not be redrawn in place. */
    int columns = terminal_columns() - 1;
    print_heading(heading, bar, state);
    print_metrics(metrics, bar, state, columns >= WIDE_TERMINAL);
    int free_columns =
        columns - (int)(strlen(heading) + strlen("  []  ") + strlen(metrics));
    print_bar(bar_text, free_columns, fraction_done(bar, state));
    redraw(columns, heading, bar_text, metrics);
}

void progress_epoch(const progress_bar *bar, const progress_state *state)
{
    if (!bar->shown)
        return;
    char heading[LINE], metrics[LINE];
    print_heading(heading, bar, state);
    print_metrics(metrics, bar, state, true);
    if (bar->terminal)
        fputs("\r\033[K", stderr); /* erases the bar */
    fprintf(stderr, "%s  %s\n", heading, metrics);
}

void progress_overall(bool terminal, const char *what, uint64_t done, uint64_t runs,
                      double fraction, double seconds)
{
    char heading[LINE], bar_text[LINE], left[LINE] = "";
    int columns = terminal_columns() - 1;
    snprintf(heading, LINE, "%s  %" PRIu64 "/%" PRIu64 " runs", what, done, runs);
    if (fraction > 0)
        print_time_left(left, seconds, 0, fraction);
    if (terminal) {
        print_bar(bar_text, columns - LINE / 2, fraction);
        redraw(columns, heading, bar_text, left);
    } else {
        fprintf(stderr, "%s%s\n", heading, left);
    }
}
