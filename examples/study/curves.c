/* A growing array of points. */
#include "curves.h"

#include "fatal.h"

#include <stdlib.h>

void curves_add(curve_list *curves, const curve_point *point)
{
    if (curves->n == curves->room) {
        size_t room = curves->room ? 2 * curves->room : 64;
        curve_point *points = realloc(curves->points, room * sizeof *points);
        if (!points)
            fatal("no memory for %zu points of the curves", room);
        curves->points = points;
        curves->room = room;
    }
    curves->points[curves->n++] = *point;
}

void curves_free(curve_list *curves)
{
    free(curves->points);
    *curves = (curve_list){0};
}
