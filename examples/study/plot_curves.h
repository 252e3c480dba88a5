/* Draws the curves of cifar_train. */
#ifndef PLOT_CURVES_H
#define PLOT_CURVES_H

#include "curves.h"
#include "gnuplot.h"

#include <stdbool.h>

/* Calls gnuplot_open with the size of this plot. */
gnuplot curves_plot_open(const char *path);

/* Draws all points, if a plot is open, and closes the file. title is in UTF-8 and has
 * no quotes. Errors are fatal. */
void curves_plot_draw(gnuplot *plot, const curve_list *curves, const char *title,
                      bool synthetic);

#endif
