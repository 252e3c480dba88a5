/* A study of initializations: its cases, their runs and what these came to. */
#ifndef INIT_STUDY_H
#define INIT_STUDY_H

#include "gnuplot.h"
#include "init_options.h"
#include "result_file.h"
#include "run.h"

enum { MAX_CASES = MAX_INITS * (MAX_EPS + 1) };

typedef struct init_case {
    const train_init *init;
    bool batchnorm;
    double eps;   /* 0: no batchnorm */
    size_t panel; /* of the plot of curves: cases that differ by init alone share one */
} init_case;

typedef struct init_run {
    bool done;
    trial_result result;
    curve_list curves; /* epochs + 1 points */
} init_run;

typedef struct init_study {
    const init_options *options;
    init_case cases[MAX_CASES];
    size_t n, panels;
    init_run *runs; /* [n][options->train.runs] */
} init_study;

/* Lists the cases. Errors are fatal, here and below. */
void init_study_create(init_study *study, const init_options *options);
void init_study_free(init_study *study);

/* Runs of a case. */
init_run *init_runs(const init_study *study, size_t i);

/* Reads the runs that the file holds, and marks them as done; adds one. */
void init_resume(init_study *study, result_file *file);
void init_append(const result_file *file, const init_study *study, size_t job);

/* Names of the columns of the file. */
extern const char init_columns[];

/* A line for each case. */
void init_print(const init_study *study);

/* Width in pixels of the plot of curves. */
int init_plot_width(const init_study *study);
void init_draw_curves(gnuplot *plot, const init_study *study, const char *title,
                      bool synthetic);
void init_draw_eps(gnuplot *plot, const init_study *study, const char *title,
                   bool synthetic);

#endif
