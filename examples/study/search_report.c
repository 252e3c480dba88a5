/* The table and the plot of a search. */
#include "fatal.h"
#include "search.h"

#include <stdio.h>

void search_print(const search *s)
{
    static const char *const marks[] = {"", "  best", "  second", "  third"};
    printf("%12s%8s%8s%8s\n", "lambda", "train", "val", "test");
    for (size_t i = 0; i < s->n; i++) {
        const search_point *p = &s->points[i];
        const double *accuracy = p->result.accuracy;
        printf("%12.4g%8.4f%8.4f%8.4f%s\n", p->lambda, accuracy[TRAIN],
               accuracy[VALIDATION], accuracy[TEST], marks[p->rank]);
    }
    flush_stdout();
}

static void print_data(FILE *script, const search *s)
{
    fputs("$points << END\n", script);
    for (size_t i = 0; i < s->n; i++) {
        const search_point *p = &s->points[i];
        fprintf(script, "%.9g %g %g %d\n", p->lambda, 100 * p->result.accuracy[TRAIN],
                100 * p->result.accuracy[VALIDATION], p->rank);
    }
    fputs("END\n", script);
}

void search_draw(gnuplot *plot, const search *s, const char *title, bool synthetic)
{
    if (!plot->file)
        return;
    FILE *script = gnuplot_begin(plot);
    print_data(script, s);
    gnuplot_style(script);
    gnuplot_log_axis(script, "λ, weight of the L2 penalty");
    fprintf(script,
            "set title '%s%s'\n"
            "set ylabel 'accuracy in %%'\n"
            "set offsets graph 0, graph 0, graph 0.08, graph 0.05\n"
            "set key outside top right horizontal samplen 2\n"
            "plot $points using 1:2 with linespoints pointtype 7 pointsize 0.6 "
            "linecolor '#0072b2' title 'training', "
            "$points using 1:3 with linespoints pointtype 7 pointsize 0.6 "
            "linecolor '#d55e00' title 'validation', "
            "$points using 1:($4 > 0 ? $3 : 1/0) with points pointtype 6 pointsize 1.6 "
            "linecolor '#d55e00' title 'the three best'\n",
            synthetic ? "SYNTHETIC DATA, " : "", title);
    gnuplot_end(plot, script);
}
