/* Plots drawn by gnuplot, as .svg or .png. */
#ifndef GNUPLOT_H
#define GNUPLOT_H

#include <stdio.h>

typedef struct gnuplot {
    const char *path;
    FILE *file; /* NULL: no plot */
    int width, height;
} gnuplot;

/* Opens the file, which keeps its content until gnuplot_end, and makes sure that gnuplot is
 * there and can write its format. path ends in .svg or .png; NULL: no plot. Errors are
 * fatal, here and below. */
gnuplot gnuplot_open(const char *path, int width, int height);

/* Returns a script that sets terminal and size; the caller writes the rest. */
FILE *gnuplot_begin(const gnuplot *plot);

/* Writes the style of all plots. */
void gnuplot_style(FILE *script);

/* Writes a logarithmic x axis with powers of ten and this label. */
void gnuplot_log_axis(FILE *script, const char *label);

/* Runs the script; closes it and the plot's file. */
void gnuplot_end(gnuplot *plot, FILE *script);

#endif
