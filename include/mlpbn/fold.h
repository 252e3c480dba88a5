/* Folding: a network that predicts the same without batchnorm and without standardization.
 *
 * With running statistics batchnorm is y = scale * x + shift for every unit, and so can be
 * a part of the layer next to it:
 *
 *   before the activation   of its own weights and biases
 *   after the activation    of the next layer's: W (s * a + t) = (W s) a + W t
 *   after the last layer's  of its own where the activation is the identity; otherwise one
 *                           layer is added behind it, with the identity for activation and
 *                           a diagonal weight [outputs][outputs]
 *   standardization         of the first layer's, as after an activation
 *
 * A layer that has no bias gets one where it needs it. Sums are taken in long double and
 * rounded once, to the network's dtype. Predicting with the new network is faster, and
 * needs nothing but layers; it can be trained, but is another network then. */
#ifndef MLPBN_FOLD_H
#define MLPBN_FOLD_H

#include <mlpbn/common.h>
#include <mlpbn/gradcheck.h>
#include <mlpbn/network.h>
#include <mlpbn/rows.h>
#include <mlpbn/status.h>

MLPBN_BEGIN

typedef struct mlpbn_fold_options {
    size_t struct_size;
    /* 1 (default): folds standardization, too. 0: the new network keeps it, as it should
     * where a column's mean is many times its std: products of numbers far from 0 lose
     * the digits that standardizing them first keeps. */
    int standardization;
    /* Rows to compare both networks on; labels and targets are not read. NULL (default):
     * 256 rows drawn from seed, normal with the mean and std of the standardization, or
     * with 0 and 1 where there is none. */
    const mlpbn_rows *probe;
    uint64_t seed; /* default 0 */
    /* The largest difference of any output that is accepted, relative to the largest
     * output; > 0. MLPBN_DEFAULT_TOLERANCE (default) is 1e-4 in f32, 1e-12 in f64. */
    double tolerance;
} mlpbn_fold_options;

#define MLPBN_FOLD_OPTIONS_INIT                                                          \
    {                                                                                    \
        sizeof(mlpbn_fold_options), 1, NULL, 0, MLPBN_DEFAULT_TOLERANCE                  \
    }

/* Fills in the defaults above.
 *
 * MLPBN_EINVAL  options is NULL, or struct_size does not cover the first field
 */
MLPBN_API MLPBN_MUST_CHECK mlpbn_status
mlpbn_fold_options_init(mlpbn_fold_options *options, size_t struct_size);

/* How the outputs of both networks compare on the probe. */
typedef struct mlpbn_fold_report {
    size_t struct_size;
    double difference; /* the largest of any output, */
    size_t row;        /* in this row of the probe, */
    size_t output;     /* at this output */
    double magnitude;  /* of the largest output */
    size_t rows;       /* that were compared */
} mlpbn_fold_report;

#define MLPBN_FOLD_REPORT_INIT                                                           \
    {                                                                                    \
        sizeof(mlpbn_fold_report), 0, 0, 0, 0, 0                                         \
    }

/* Zeroes *report but for its struct_size.
 *
 * MLPBN_EINVAL  report is NULL, or struct_size does not cover the first field
 */
MLPBN_API MLPBN_MUST_CHECK mlpbn_status mlpbn_fold_report_init(mlpbn_fold_report *report,
                                                               size_t struct_size);

/* Makes the folded network and compares it with the given one.
 *
 * folded   receives it, of the same dtype; destroy with mlpbn_network_destroy
 * options  NULL: the defaults
 * report   receives the comparison, struct_size set; NULL: not wanted
 *
 * Thread-safe; network is only read.
 *
 * MLPBN_EINVAL      folded or network is NULL, or an option is out of its range
 * MLPBN_EINVAL, MLPBN_EDTYPE, MLPBN_ESHAPE, MLPBN_ESIZE, MLPBN_EBATCH, MLPBN_EINDEX
 *                   the probe is not rows for this network
 * MLPBN_ENOMEM      no memory for the network or the comparison
 * MLPBN_ENONFINITE  a weight or bias would not be finite, or an output is not
 * MLPBN_EACCURACY   the two differ by more than the tolerance
 */
MLPBN_API MLPBN_MUST_CHECK mlpbn_status mlpbn_fold(mlpbn_network **folded,
                                                   const mlpbn_network *network,
                                                   const mlpbn_fold_options *options,
                                                   mlpbn_fold_report *report);

MLPBN_END

#endif
