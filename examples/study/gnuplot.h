/* Pictures drawn by gnuplot, as .svg or .png. */
#ifndef GNUPLOT_H
#define GNUPLOT_H

#include <stdio.h>

typedef struct gnuplot {
    const char *path;
    FILE *file; /* NULL: no plot is wanted */
    int width, height;
} gnuplot;

/* Opens the file, which keeps its content until gnuplot_end, and makes sure that gnuplot is
 * there and can write its format. path ends in .svg or .png; NULL: no plot. Errors are
 * fatal, here and below. */
gnuplot gnuplot_open(const char *path, int width, int height);

/* A script that has chosen terminal and size; the caller writes the rest. */
FILE *gnuplot_begin(const gnuplot *plot);

/* The look that all plots share. */
void gnuplot_style(FILE *script);

/* A logarithmic x axis, labelled with powers of ten, and the label below it. */
void gnuplot_log_axis(FILE *script, const char *label);

/* Draws what the script says, closes it and the file. */
void gnuplot_end(gnuplot *plot, FILE *script);

#endif
