/* Draws the curves of cifar_train. */
#ifndef PLOT_CURVES_H
#define PLOT_CURVES_H

#include "curves.h"
#include "gnuplot.h"

#include <stdbool.h>

/* gnuplot_open with the size of these curves. */
gnuplot plot_open(const char *path);

/* Draws all points, where a plot is wanted, and closes the file. title is in UTF-8 and has
 * no quotes. Errors are fatal. */
void plot_draw(gnuplot *plot, const curve_list *curves, const char *title,
               bool synthetic);

#endif
