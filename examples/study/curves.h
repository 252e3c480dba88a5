/* Learning curves: metrics measured during training. */
#ifndef CURVES_H
#define CURVES_H

#include <mlpbn.h>

typedef struct curve_point {
    uint64_t run;         /* from 1 */
    double epoch;         /* epochs since the start, with their fraction */
    uint64_t step;        /* steps since the start */
    double learning_rate; /* of the next step */
    mlpbn_metrics train, validation;
} curve_point;

/* All points of all runs, in order. Initialize with {0}. */
typedef struct curve_list {
    curve_point *points;
    size_t n, capacity;
} curve_list;

void curves_add(curve_list *curves, const curve_point *point);
void curves_free(curve_list *curves);

#endif
