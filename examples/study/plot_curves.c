/* Plots learning curves; see plot_curves.h. */
#include "plot_curves.h"

#include <inttypes.h>

enum { FEW_POINTS = 3, WIDTH = 1200, HEIGHT = 400 };

gnuplot curves_plot_open(const char *path)
{
    return gnuplot_open(path, WIDTH, HEIGHT);
}

/* Writes a block for each run, which gnuplot calls an index, separated by two empty lines. */
static void print_points(FILE *script, const curve_list *curves)
{
    fputs("$curves << END\n", script);
    for (size_t i = 0; i < curves->n; i++) {
        const curve_point *p = &curves->points[i];
        if (i > 0 && p->run != p[-1].run)
            fputs("\n\n", script);
        fprintf(script, "%g %g %g %g %g %g %g\n", p->epoch, p->train.cost,
                p->validation.cost, p->train.loss, p->validation.loss,
                100 * p->train.accuracy, 100 * p->validation.accuracy);
    }
    fputs("END\n", script);
}

static void print_panel(FILE *script, const char *title, int column, uint64_t runs,
                        const char *style)
{
    fprintf(script,
            "set title '%s'\n"
            "plot for [r = 0:%" PRIu64 "] $curves index r using 1:%d with %s "
            "linecolor '#0072b2' title r ? '' : 'training', "
            "for [r = 0:%" PRIu64 "] $curves index r using 1:%d with %s "
            "linecolor '#d55e00' title r ? '' : 'validation'\n",
            title, runs - 1, column, style, runs - 1, column + 1, style);
}

static void print_plot(FILE *script, const curve_list *curves, const char *title,
                       bool synthetic)
{
    const curve_point *last = &curves->points[curves->n - 1];
    /* A few points are marked, so that lines do not hide how few they are. */
    const char *style =
        curves->n <= FEW_POINTS * last->run ? "linespoints pointtype 7" : "lines";
    print_points(script, curves);
    fprintf(script,
            "set multiplot layout 1,3\n"
            "set tmargin 5\n"
            "set label '%s%s' at screen 0.02,0.945\n"
            "set xlabel 'epoch'\n"
            "set xrange [0:*] noextend\n"
            "set yrange [0:*]\n"
            "set key at screen 0.985,0.97 right horizontal samplen 2\n",
            synthetic ? "SYNTHETIC DATA, " : "", title);
    gnuplot_style(script);
    if (last->epoch < 10)
        fputs("set xtics 1\n", script); /* gnuplot would choose half epochs */
    print_panel(script, "Cost: loss + λ Σ W²", 2, last->run, style);
    fputs("unset key\nunset label\n", script);
    print_panel(script, "Loss: cross-entropy in nats", 4, last->run, style);
    print_panel(script, "Accuracy in %", 6, last->run, style);
    fputs("unset multiplot\n", script);
}

void curves_plot_draw(gnuplot *plot, const curve_list *curves, const char *title,
                      bool synthetic)
{
    if (!plot->file)
        return;
    FILE *script = gnuplot_begin(plot);
    print_plot(script, curves, title, synthetic);
    gnuplot_end(plot, script);
}
