/* Draws the curves of cifar_train with gnuplot, as .svg or .png. */
#ifndef PLOT_H
#define PLOT_H

#include "curves.h"

#include <stdio.h>

typedef struct curve_plot {
    const char *path;
    FILE *file;
} curve_plot;

/* Opens the file, which keeps its content until plot_draw, and makes sure that gnuplot is
 * there and can write its format. path ends in .svg or .png; NULL: no plot. Errors are
 * fatal, here and below. */
curve_plot plot_open(const char *path);

/* Draws all points and closes the file. title is in UTF-8 and has no quotes. */
void plot_draw(curve_plot *plot, const curve_list *curves, const char *title);

#endif
