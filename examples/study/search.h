/* A search for lambda: the values and their accuracies. */
#ifndef SEARCH_H
#define SEARCH_H

#include "gnuplot.h"
#include "result_file.h"
#include "run.h"
#include "search_options.h"

typedef struct search_point {
    double lambda;
    bool done;
    run_result result;
    int rank; /* by validation accuracy: 1, 2, 3; else 0 */
} search_point;

typedef struct search {
    search_point points[MAX_VALUES]; /* in the order in which they are trained */
    size_t n;
} search;

/* Sets the values of the command line, or draws them at random; for --refine, reads earlier
 * results. Errors are fatal. */
void search_set_values(search *s, const search_options *options);

/* Reads the points in the file and marks them as done. in_order: they must be the first points
 * of the search, in its order. */
void search_resume(search *s, result_file *file, bool in_order);

/* Appends the record of a point. */
void search_append(const result_file *file, const search_point *point);

/* The header line of the file of results. */
extern const char search_columns[];

/* Sorts the points by lambda and sets their ranks. */
void search_sort(search *s);

/* Print and draw a search that search_sort() has sorted. */
void search_print(const search *s);
void search_draw(gnuplot *plot, const search *s, const char *title, bool synthetic);

#endif
