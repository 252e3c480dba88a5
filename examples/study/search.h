/* A search for lambda: its values and what they scored. */
#ifndef SEARCH_H
#define SEARCH_H

#include "gnuplot.h"
#include "result_file.h"
#include "search_options.h"
#include "run.h"

typedef struct search_point {
    double lambda;
    bool done;
    trial_result result;
    int rank; /* by validation accuracy: 1, 2, 3; else 0 */
} search_point;

typedef struct search {
    search_point points[MAX_VALUES]; /* in the order in which they are trained */
    size_t n;
} search;

/* Draws or takes over the values; reads the results to refine. Errors are fatal. */
void search_choose(search *s, const search_options *options);

/* Marks points that the file knows as done, which are the first ones if `in_order`. */
void search_resume(search *s, result_file *file, bool in_order);
void search_append(const result_file *file, const search_point *point);

/* Names of the columns of the file. */
extern const char search_columns[];

/* Sorts by lambda and ranks. */
void search_sort(search *s);

/* Both want a sorted search. */
void search_print(const search *s);
void search_draw(gnuplot *plot, const search *s, const char *title, bool synthetic);

#endif
