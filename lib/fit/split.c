#include "fit/split.h"

#include "base/error.h"
#include "base/memory.h"
#include "base/random.h"

#include <mlpbn/loss.h>

#include <math.h>

/* The state of the selection of validation rows. */
typedef struct selection {
    const mlpbn_rows *rows;
    size_t classes;
    int32_t ignore_label; /* rows with it are in no class */
    size_t *order;        /* [n], a random order of the rows of the view */
    char *is_validation;  /* [n] */
    /* [classes + 1]: the rows of each class, and last the rows that are not selected by class;
     * how many of each are still to be selected. */
    size_t *n_rows, *left;
} selection;

static size_t row_of(const mlpbn_rows *rows, size_t i)
{
    return rows->index ? rows->index[i] : i;
}

static void shuffle(size_t *order, size_t n, uint64_t seed)
{
    mlpbn__random random = mlpbn__random_new(seed, MLPBN__STREAM_SPLIT, 0);
    for (size_t i = 0; i < n; i++) {
        size_t j = (size_t)mlpbn__random_below(&random, i + 1);
        order[i] = order[j];
        order[j] = i;
    }
}

static mlpbn_status count_classes(selection *d)
{
    for (size_t i = 0; i < d->rows->n; i++) {
        size_t row = row_of(d->rows, i);
        int32_t label = d->rows->labels[row];
        if (label == d->ignore_label && label != MLPBN_NO_IGNORE_LABEL)
            continue;
        if (label < 0 || (size_t)label >= d->classes)
            return mlpbn__fail(MLPBN_ELABEL,
                               "rows: expected labels in [0, %zu), got labels[%zu] = %d",
                               d->classes, row, (int)label);
        d->n_rows[label]++;
    }
    return MLPBN_OK;
}

/* The element of n_rows and left for row i of the view. */
static size_t group_of(const selection *d, size_t i, int stratify)
{
    int32_t label = stratify ? d->rows->labels[row_of(d->rows, i)] : d->ignore_label;
    return label == d->ignore_label ? d->classes : (size_t)label;
}

static void select_rows(selection *d, double share, int stratify)
{
    for (size_t c = 0; c <= d->classes; c++)
        d->left[c] = (size_t)round(share * (double)d->n_rows[c]);
    for (size_t i = 0; i < d->rows->n; i++) {
        size_t *left = d->left + group_of(d, d->order[i], stratify);
        if (*left == 0)
            continue;
        --*left;
        d->is_validation[d->order[i]] = 1;
    }
}

/* Each class that has rows must have one to train on. */
static mlpbn_status check_classes(selection *d)
{
    for (size_t i = 0; i < d->rows->n; i++)
        if (d->is_validation[i])
            d->n_rows[group_of(d, i, 1)]--;
    for (size_t i = 0; i < d->rows->n; i++) {
        size_t c = group_of(d, i, 1);
        if (c < d->classes && d->n_rows[c] == 0)
            return mlpbn__fail(
                MLPBN_EINVAL,
                "validation_share: leaves no row of class %zu to train on; a "
                "smaller share, or stratify, keeps one",
                c);
    }
    return MLPBN_OK;
}

static mlpbn_status fill_views(mlpbn__split *split, const selection *d)
{
    size_t n = d->rows->n, n_validation = 0, at[2];
    for (size_t i = 0; i < n; i++)
        n_validation += d->is_validation[i] != 0;
    if (n_validation == 0 || n_validation == n)
        return mlpbn__fail(MLPBN_EBATCH,
                           "validation_share: %zu of %zu rows would be validation rows",
                           n_validation, n);
    at[0] = 0;
    at[1] = n - n_validation;
    split->train = split->validation = *d->rows;
    split->train.n = at[1];
    split->train.index = split->index;
    split->validation.n = n_validation;
    split->validation.index = split->index + at[1];
    for (size_t i = 0; i < n; i++)
        split->index[at[(int)d->is_validation[i]]++] = row_of(d->rows, i);
    return MLPBN_OK;
}

static mlpbn_status divide(mlpbn__split *split, selection *d, double share, int stratify,
                           uint64_t seed)
{
    if (d->classes)
        RETURN_IF_ERROR(count_classes(d));
    d->n_rows[d->classes] = d->rows->n;
    for (size_t c = 0; stratify && c < d->classes; c++)
        d->n_rows[d->classes] -= d->n_rows[c];
    shuffle(d->order, d->rows->n, seed);
    select_rows(d, share, stratify);
    RETURN_IF_ERROR(fill_views(split, d));
    return d->classes ? check_classes(d) : MLPBN_OK;
}

static void lay_out(mlpbn__arena *arena, selection *d)
{
    size_t n = d->rows->n, groups = d->classes + 1;
    d->order = mlpbn__arena_alloc(arena, n, sizeof *d->order);
    d->is_validation = mlpbn__arena_alloc(arena, n, sizeof *d->is_validation);
    d->n_rows = mlpbn__arena_alloc(arena, groups, sizeof *d->n_rows);
    d->left = mlpbn__arena_alloc(arena, groups, sizeof *d->left);
}

mlpbn_status mlpbn__split_new(mlpbn__split *split, const mlpbn_rows *rows, double share,
                              int stratify, size_t classes, int32_t ignore_label,
                              uint64_t seed)
{
    selection d = {.rows = rows, .classes = classes, .ignore_label = ignore_label};
    mlpbn__arena arena = {0};
    lay_out(&arena, &d);
    void *block = mlpbn__arena_overflowed(&arena) ? NULL : mlpbn__memory_new(arena.used);
    mlpbn__split created = {
        .index = mlpbn__memory_new(mlpbn__multiply(rows->n, sizeof *created.index))};
    mlpbn_status status = MLPBN_OK;
    if (!block || !created.index)
        status = mlpbn__fail(MLPBN_ENOMEM, "no memory to divide %zu rows", rows->n);
    if (!status) {
        arena = (mlpbn__arena){.base = block};
        lay_out(&arena, &d);
        status = divide(&created, &d, share, stratify, seed);
    }
    mlpbn__memory_free(block);
    if (status)
        mlpbn__memory_free(created.index);
    else
        *split = created;
    return status;
}

void mlpbn__split_free(mlpbn__split *split)
{
    mlpbn__memory_free(split->index);
}
