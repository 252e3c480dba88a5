/* Divides the rows of a view into those to train on and those to validate on. */
#ifndef MLPBN_FIT_SPLIT_H
#define MLPBN_FIT_SPLIT_H

#include <mlpbn/rows.h>

typedef struct mlpbn__split {
    mlpbn_rows train, validation;
    size_t *index; /* [n]: the index of train, then that of validation */
} mlpbn__split;

/* Selects round(share n) of the rows at random for validation or, stratified, round(share n_c) of the n_c rows of
 * each of the classes. Both parts keep the order of the rows.
 *
 * rows          a view that was read and checked
 * classes       of the labels; 0: labels are not read
 * ignore_label  rows with this label are in no class, and are selected apart
 *
 * The errors are MLPBN_ELABEL; MLPBN_EBATCH if a part has no rows; MLPBN_EINVAL if a class that
 * has rows has none to train on; MLPBN_ENOMEM. */
mlpbn_status mlpbn__split_new(mlpbn__split *split, const mlpbn_rows *rows, double share,
                              int stratify, size_t classes, int32_t ignore_label,
                              uint64_t seed);

void mlpbn__split_free(mlpbn__split *split);

#endif
