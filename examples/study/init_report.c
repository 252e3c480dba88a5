/* The table and the plots of a study of initializations. */
#include "describe.h"
#include "fatal.h"
#include "init_study.h"
#include "run_stats.h"

#include <float.h>
#include <math.h>
#include <stdio.h>

enum { PANEL = 400 };

/* A color for each initialization: not blue and orange, which are training and validation in
 * other plots. */
static const char *const colors[MAX_INITS] = {"#009e73", "#cc79a7", "#56b4e9", "#e69f00",
                                              "#7f6fb0", "#606060", "#a0522d", "#b8a800"};

static void copy_results(run_result *results, const init_study *study, size_t i)
{
    for (size_t r = 0; r < study->options->train.runs; r++)
        results[r] = init_runs(study, i)[r].result;
}

void init_print(const init_study *study)
{
    size_t runs = (size_t)study->options->train.runs;
    run_result results[MAX_CASE_RUNS];
    printf("%8s%11s%9s%18s%17s%17s\n", "init", "batchnorm", "eps", "train %", "val %",
           "test %");
    for (size_t i = 0; i < study->n; i++) {
        const init_case *c = &study->cases[i];
        char init[NUMBER_SIZE], eps[NUMBER_SIZE] = "";
        copy_results(results, study, i);
        printf("%8s%11s%9s  ", describe_init(init, c->init), c->batchnorm ? "on" : "off",
               c->batchnorm ? format_number(eps, c->eps) : "");
        for (int split = 0; split < SPLITS; split++)
            printf("%9.2f ± %5.2f", 100 * run_mean(results, runs, split),
                   100 * run_deviation(results, runs, split));
        putchar('\n');
    }
    flush_stdout();
}

int init_plot_width(const init_study *study)
{
    return PANEL * (int)study->panels;
}

/* Writes mean, minimum and maximum training loss over the runs, a line for each epoch. */
static void print_curves(FILE *script, const init_study *study, size_t i)
{
    const init_run *runs = init_runs(study, i);
    size_t n = (size_t)study->options->train.runs;
    for (uint64_t epoch = 0; epoch <= study->options->train.epochs; epoch++) {
        double sum = 0, min = DBL_MAX, max = 0;
        for (size_t r = 0; r < n; r++) {
            double loss = runs[r].curves.points[epoch].train.loss;
            sum += loss;
            min = fmin(min, loss);
            max = fmax(max, loss);
        }
        fprintf(script, "%u %g %g %g\n", (unsigned)epoch, sum / (double)n, min, max);
    }
    fputs("\n\n", script);
}

static void print_panel(FILE *script, const init_study *study, size_t panel)
{
    const char *separator = "plot ";
    for (size_t i = 0; i < study->n; i++) {
        const init_case *c = &study->cases[i];
        char text[NUMBER_SIZE];
        if (c->panel != panel)
            continue;
        const char *color = colors[c->init - study->options->inits];
        if (!c->batchnorm)
            fputs(separator[0] == 'p' ? "set title 'without batchnorm'\n" : "", script);
        else if (separator[0] == 'p')
            fprintf(script, "set title 'batchnorm, eps %s'\n",
                    format_number(text, c->eps));
        fprintf(script,
                "%s$curves index %zu using 1:3:4 with filledcurves fillstyle solid 0.25 "
                "noborder linecolor '%s' notitle, "
                "$curves index %zu using 1:2 with lines linecolor '%s' title '%s'",
                separator, i, color, i, color, describe_init(text, c->init));
        separator = ", ";
    }
    fputc('\n', script);
}

void init_draw_curves(gnuplot *plot, const init_study *study, const char *title,
                      bool synthetic)
{
    if (!plot->file)
        return;
    FILE *script = gnuplot_begin(plot);
    fputs("$curves << END\n", script);
    for (size_t i = 0; i < study->n; i++)
        print_curves(script, study, i);
    fprintf(script,
            "END\n"
            "set multiplot layout 1,%zu\n"
            "set tmargin 5\n"
            "set label '%s%s' at screen 0.02,0.945\n"
            "set xlabel 'epoch'\n"
            "set ylabel 'training loss in nats'\n"
            "set yrange [0:2.5]\n"
            "set key bottom left title 'initialization' left\n",
            study->panels, synthetic ? "SYNTHETIC DATA, " : "", title);
    gnuplot_style(script);
    for (size_t panel = 0; panel < study->panels; panel++) {
        print_panel(script, study, panel);
        fputs("unset key\nunset label\n", script);
    }
    fputs("unset multiplot\n", script);
    gnuplot_end(plot, script);
}

/* Writes mean, minimum and maximum test accuracy over the runs, a line for each eps. */
static void print_eps(FILE *script, const init_study *study, const train_init *init)
{
    run_result results[MAX_CASE_RUNS];
    size_t runs = (size_t)study->options->train.runs;
    for (size_t i = 0; i < study->n; i++) {
        const init_case *c = &study->cases[i];
        double min = 1, max = 0;
        if (c->init != init || !c->batchnorm)
            continue;
        copy_results(results, study, i);
        for (size_t r = 0; r < runs; r++) {
            min = fmin(min, results[r].accuracy[TEST]);
            max = fmax(max, results[r].accuracy[TEST]);
        }
        fprintf(script, "%g %g %g %g\n", c->eps, 100 * run_mean(results, runs, TEST),
                100 * min, 100 * max);
    }
    fputs("\n\n", script);
}

void init_draw_eps(gnuplot *plot, const init_study *study, const char *title,
                   bool synthetic)
{
    if (!plot->file)
        return;
    FILE *script = gnuplot_begin(plot);
    fputs("$eps << END\n", script);
    for (size_t i = 0; i < study->options->n_inits; i++)
        print_eps(script, study, &study->options->inits[i]);
    fputs("END\n", script);
    gnuplot_style(script);
    gnuplot_log_axis(script, "eps, what batchnorm adds to the variance");
    fprintf(script,
            "set title '%s%s'\n"
            "set ylabel 'test accuracy in %%'\n"
            "set yrange [0:*]\n"
            "set key bottom left title 'initialization' left\n",
            synthetic ? "SYNTHETIC DATA, " : "", title);
    for (size_t i = 0; i < study->options->n_inits; i++) {
        char text[NUMBER_SIZE];
        fprintf(script,
                "%s$eps index %zu using 1:2:3:4 with yerrorbars pointtype 0 linecolor "
                "'%s' notitle, $eps index %zu using 1:2 with linespoints pointtype 7 "
                "pointsize 0.6 linecolor '%s' title '%s'",
                i == 0 ? "plot " : ", ", i, colors[i], i, colors[i],
                describe_init(text, &study->options->inits[i]));
    }
    fputc('\n', script);
    gnuplot_end(plot, script);
}
