/* A growing array of points. */
#include "curves.h"

#include "fatal.h"

#include <stdlib.h>

void curves_add(curve_list *curves, const curve_point *point)
{
    if (curves->n == curves->capacity) {
        size_t capacity = curves->capacity ? 2 * curves->capacity : 64;
        curve_point *points = realloc(curves->points, capacity * sizeof *points);
        if (!points)
            fatal("no memory for %zu points of the curves", capacity);
        curves->points = points;
        curves->capacity = capacity;
    }
    curves->points[curves->n++] = *point;
}

void curves_free(curve_list *curves)
{
    free(curves->points);
    *curves = (curve_list){0};
}
