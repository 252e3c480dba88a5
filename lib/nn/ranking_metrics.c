/* Both metrics walk through the rows from the largest score down, one run of equal scores after
 * the other. Only ratios of weights of the same side count in them, of positives or of negatives,
 * so that each side has a scale of its own: none vanishes beside the other. */
#include "nn/ranking_metrics.h"

#include "base/error.h"
#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

typedef struct ranked_row {
    double score;
    size_t row;
} ranked_row;

enum { NEGATIVE, POSITIVE, SIDES };

/* One class against the rest. */
typedef struct ranking {
    const mlpbn__scored_rows *rows;
    size_t column;
    size_t positive;       /* the label of the class */
    ranked_row *order;     /* [n], by falling score */
    int exponents[SIDES];  /* of the largest weight of each side */
    int has_weight[SIDES]; /* whether that is above 0 */
} ranking;

static double weight_of(const ranking *r, size_t row)
{
    const double *weights = r->rows->weights.values;
    return weights ? weights[row] : 1;
}

static int side_of(const ranking *r, size_t row)
{
    return (size_t)r->rows->labels[row] == r->positive ? POSITIVE : NEGATIVE;
}

static void scale_sides(ranking *r)
{
    double max[SIDES] = {0, 0};
    for (size_t i = 0; i < r->rows->n; i++) {
        int side = side_of(r, i);
        max[side] = fmax(max[side], weight_of(r, i));
    }
    for (int side = 0; side < SIDES; side++) {
        r->exponents[side] = mlpbn__exponent(max[side]);
        r->has_weight[side] = max[side] > 0;
    }
}

/* By falling score; rows of equal score by their number, so that every qsort gives the same. */
static int compare(const void *a, const void *b)
{
    const ranked_row *left = a, *right = b;
    if (left->score != right->score)
        return left->score > right->score ? -1 : 1;
    return left->row < right->row ? -1 : left->row > right->row;
}

static void sort(ranking *r)
{
    for (size_t i = 0; i < r->rows->n; i++)
        r->order[i] = (ranked_row){mlpbn__score(r->rows, i, r->column), i};
    qsort(r->order, r->rows->n, sizeof *r->order, compare);
}

/* Sums up the scaled weights of each side in the run of equal scores that begins at place
 * `first` of the order. Returns the place after it. */
static size_t add_run(const ranking *r, size_t first, double weights[SIDES])
{
    mlpbn__sum sums[SIDES] = {{0, 0}, {0, 0}};
    size_t i = first;
    for (; i < r->rows->n && r->order[i].score == r->order[first].score; i++) {
        size_t row = r->order[i].row;
        int side = side_of(r, row);
        mlpbn__sum_add(&sums[side], ldexp(weight_of(r, row), -r->exponents[side]));
    }
    weights[NEGATIVE] = mlpbn__sum_total(&sums[NEGATIVE]);
    weights[POSITIVE] = mlpbn__sum_total(&sums[POSITIVE]);
    return i;
}

/* The share of pairs of a positive and a negative in which the positive has the larger score; of
 * pairs with equal scores, half. */
static double roc_auc(const ranking *r)
{
    mlpbn__sum positives = {0, 0}, negatives = {0, 0}, pairs = {0, 0};
    double run[SIDES];
    for (size_t i = 0; i < r->rows->n;) {
        i = add_run(r, i, run);
        double above = mlpbn__sum_total(&positives);
        mlpbn__sum_add(&pairs, run[NEGATIVE] * (above + run[POSITIVE] / 2));
        mlpbn__sum_add(&positives, run[POSITIVE]);
        mlpbn__sum_add(&negatives, run[NEGATIVE]);
    }
    double share = mlpbn__sum_total(&pairs) / mlpbn__sum_total(&positives) /
                   mlpbn__sum_total(&negatives);
    return fmin(share, 1);
}

/* The precision after each run, weighted by the positives of the run. */
static double average_precision(const ranking *r)
{
    int shift = r->exponents[NEGATIVE] - r->exponents[POSITIVE];
    mlpbn__sum positives = {0, 0}, negatives = {0, 0};
    mlpbn__mean precision = {0};
    double run[SIDES];
    for (size_t i = 0; i < r->rows->n;) {
        i = add_run(r, i, run);
        mlpbn__sum_add(&positives, run[POSITIVE]);
        mlpbn__sum_add(&negatives, run[NEGATIVE]);
        if (run[POSITIVE] > 0) {
            double right = mlpbn__sum_total(&positives);
            /* infinite if it overflows: then the precision is 0 */
            double wrong = ldexp(mlpbn__sum_total(&negatives), shift);
            mlpbn__mean_add(&precision, right / (right + wrong), run[POSITIVE]);
        }
    }
    return fmin(mlpbn__mean_value(&precision), 1);
}

typedef struct ranking_metric {
    const char *name;
    double (*compute)(const ranking *r);
    int needs_negatives;
} ranking_metric;

static mlpbn_status check_sides(const ranking *r, const ranking_metric *metric)
{
    if (!r->has_weight[POSITIVE])
        return mlpbn__fail(
            MLPBN_EINVAL,
            "labels: %s is not defined without a row of weight above 0 that "
            "has label %zu, got none",
            metric->name, r->positive);
    if (metric->needs_negatives && !r->has_weight[NEGATIVE])
        return mlpbn__fail(
            MLPBN_EINVAL,
            "labels: %s is not defined without a row of weight above 0 that "
            "has a label other than %zu, got none",
            metric->name, r->positive);
    return MLPBN_OK;
}

/* Computes the metric of each column into values, [columns]. */
static mlpbn_status compute_classes(double *values, ranked_row *order,
                                    const mlpbn__scored_rows *rows,
                                    const ranking_metric *metric)
{
    for (size_t j = 0; j < rows->columns; j++) {
        ranking r = {.rows = rows,
                     .column = j,
                     .positive = rows->columns == 1 ? 1 : j,
                     .order = order};
        scale_sides(&r);
        RETURN_IF_ERROR(check_sides(&r, metric));
        sort(&r);
        values[j] = metric->compute(&r);
    }
    return MLPBN_OK;
}

static mlpbn_status compute_in(mlpbn__arena *arena, double *mean, double *per_class,
                               const mlpbn__scored_rows *rows,
                               const ranking_metric *metric)
{
    ranked_row *order = mlpbn__arena_alloc(arena, rows->n, sizeof *order);
    double *values = mlpbn__arena_alloc(arena, rows->columns, sizeof *values);
    if (!arena->base)
        return MLPBN_OK; /* it only measures */
    RETURN_IF_ERROR(compute_classes(values, order, rows, metric));
    mlpbn__mean average = {0};
    for (size_t j = 0; j < rows->columns; j++)
        mlpbn__mean_add(&average, values[j], 1);
    *mean = mlpbn__mean_value(&average);
    if (per_class)
        memcpy(per_class, values, rows->columns * sizeof *values);
    return MLPBN_OK;
}

static mlpbn_status compute(double *mean, double *per_class,
                            const mlpbn__scored_rows *rows, const ranking_metric *metric)
{
    mlpbn__arena arena = {NULL, 0};
    RETURN_IF_ERROR(compute_in(&arena, mean, per_class, rows, metric));
    void *memory = mlpbn__memory_new(arena.used);
    if (!memory)
        return mlpbn__fail(MLPBN_ENOMEM,
                           "%s: no memory for the order of %zu scores (%zu bytes)",
                           metric->name, rows->n, arena.used);
    arena = (mlpbn__arena){memory, 0};
    mlpbn_status status = compute_in(&arena, mean, per_class, rows, metric);
    mlpbn__memory_free(memory);
    return status;
}

mlpbn_status mlpbn__roc_auc(double *mean, double *per_class,
                            const mlpbn__scored_rows *rows)
{
    static const ranking_metric metric = {"ROC AUC", roc_auc, 1};
    return compute(mean, per_class, rows, &metric);
}

mlpbn_status mlpbn__average_precision(double *mean, double *per_class,
                                      const mlpbn__scored_rows *rows)
{
    static const ranking_metric metric = {"average precision", average_precision, 0};
    return compute(mean, per_class, rows, &metric);
}
