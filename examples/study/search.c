/* The values of a search, their file of results, and their order; see search.h. */
#include "fatal.h"
#include "search.h"
#include "splitmix.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BEST = 3 };

const char search_columns[] = "lambda,train_accuracy,val_accuracy,test_accuracy,seconds";

/* Compares so that the highest validation accuracy comes first. */
static int by_validation(const void *a, const void *b)
{
    double x = (*(const search_point *const *)a)->result.accuracy[VALIDATION];
    double y = (*(const search_point *const *)b)->result.accuracy[VALIDATION];
    return (x < y) - (x > y);
}

static int by_lambda(const void *a, const void *b)
{
    double x = ((const search_point *)a)->lambda, y = ((const search_point *)b)->lambda;
    return (x > y) - (x < y);
}

void search_sort(search *s)
{
    search_point *ranked[MAX_VALUES];
    qsort(s->points, s->n, sizeof *s->points, by_lambda);
    for (size_t i = 0; i < s->n; i++)
        ranked[i] = &s->points[i];
    qsort(ranked, s->n, sizeof *ranked, by_validation);
    for (size_t i = 0; i < s->n; i++)
        ranked[i]->rank = i < BEST ? (int)i + 1 : 0;
}

static bool read_point(search_point *point, const char *record)
{
    double *accuracy = point->result.accuracy;
    int length = 0;
    int n =
        sscanf(record, "%lf,%lf,%lf,%lf,%lf%n", &point->lambda, &accuracy[TRAIN],
               &accuracy[VALIDATION], &accuracy[TEST], &point->result.seconds, &length);
    bool valid = n == 5 && record[length] == '\n' && point->lambda > 0;
    for (int i = 0; i < SPLITS; i++)
        valid = valid && accuracy[i] >= 0 && accuracy[i] <= 1;
    return valid;
}

void search_append(const result_file *file, const search_point *point)
{
    const double *accuracy = point->result.accuracy;
    char record[200];
    snprintf(record, sizeof record, "%.9g,%.6f,%.6f,%.6f,%.2f\n", point->lambda,
             accuracy[TRAIN], accuracy[VALIDATION], accuracy[TEST],
             point->result.seconds);
    result_file_append(file, record);
}

/* Sets the range to that of the three best values, extended by one value on either side. */
static void refine(double *low, double *high, const char *path)
{
    search old = {.n = 0};
    result_file file = result_file_read(path, "cifar_search", search_columns, 1);
    for (const char *record; (record = result_file_next(&file)) != NULL; old.n++)
        if (old.n == MAX_VALUES || !read_point(&old.points[old.n], record))
            result_file_reject(&file);
    result_file_close(&file);
    if (old.n < BEST + 2)
        fatal("results %s: %zu values are too few to refine", path, old.n);
    search_sort(&old);
    size_t first = 0, last = old.n - 1;
    while (old.points[first + 1].rank == 0 && old.points[first].rank == 0)
        first++;
    while (old.points[last - 1].rank == 0 && old.points[last].rank == 0)
        last--;
    *low = old.points[first].lambda;
    *high = old.points[last].lambda;
}

/* Rounds lambda to the digits in the file of results, so that a point is found there again. */
static double round_as_written(double lambda)
{
    char text[32];
    snprintf(text, sizeof text, "%.9g", lambda);
    return strtod(text, NULL);
}

static bool contains(const search *s, double lambda)
{
    size_t i = 0;
    while (i < s->n && s->points[i].lambda != lambda)
        i++;
    return i < s->n;
}

void search_set_values(search *s, const search_options *options)
{
    double low = options->low, high = options->high;
    bool is_list = options->mode == SEARCH_VALUES;
    uint64_t state = options->train.seed;
    if (options->mode == SEARCH_REFINE)
        refine(&low, &high, options->refine);
    for (s->n = 0; s->n < (is_list ? options->n_values : options->count); s->n++) {
        double u = splitmix_unit(&state), lambda = low + (high - low) * u;
        if (options->mode == SEARCH_COARSE)
            lambda = low * pow(high / low, u);
        lambda = round_as_written(is_list ? options->values[s->n] : lambda);
        if (contains(s, lambda))
            usage_error("lambda %g comes twice", lambda);
        s->points[s->n].lambda = lambda;
    }
}

void search_resume(search *s, result_file *file, bool in_order)
{
    size_t n = 0;
    for (const char *record; (record = result_file_next(file)) != NULL; n++) {
        search_point point = {0};
        size_t i = 0;
        if (!read_point(&point, record))
            result_file_reject(file);
        while (i < s->n && s->points[i].lambda != point.lambda)
            i++;
        if (i == s->n || s->points[i].done || (in_order && i != n))
            result_file_reject(file);
        point.done = true;
        s->points[i] = point;
    }
}
