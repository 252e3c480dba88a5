/* A study of initializations: its cases, their runs and the results. */
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
    size_t panel; /* panel of the plot; cases that differ only by init share one */
} init_case;

typedef struct init_run {
    bool done;
    run_result result;
    curve_list curves; /* epochs + 1 points */
} init_run;

typedef struct init_study {
    const init_options *options;
    init_case cases[MAX_CASES];
    size_t n, panels;
    init_run *runs; /* [n][options->train.runs] */
} init_study;

/* Fills in the cases and allocates the runs. Errors are fatal, here and below. */
void init_study_create(init_study *study, const init_options *options);
void init_study_free(init_study *study);

/* Returns the runs of case i, [options->train.runs]. */
init_run *init_runs(const init_study *study, size_t i);

/* Reads the runs in the file and marks them as done. */
void init_resume(init_study *study, result_file *file);

/* Appends the record of a run. */
void init_append(const result_file *file, const init_study *study, size_t job);

/* The header line of the file of results. */
extern const char init_columns[];

/* Prints a line for each case. */
void init_print(const init_study *study);

/* Returns the width in pixels of the plot of curves. */
int init_plot_width(const init_study *study);

/* Draw training losses by epoch, and test accuracies by eps. */
void init_draw_curves(gnuplot *plot, const init_study *study, const char *title,
                      bool synthetic);
void init_draw_eps(gnuplot *plot, const init_study *study, const char *title,
                   bool synthetic);

#endif
