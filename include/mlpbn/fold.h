/* Folding makes a network that predicts the same without batchnorm and standardization.
 *
 * With running statistics, batchnorm is y = scale * x + shift for each unit. It can be folded
 * into the weights and biases of
 *
 *   before the activation        the same layer
 *   after the activation         the next layer: W (s * a + t) = (W s) a + W t
 *   after the last activation    the same layer if the activation is the identity; otherwise
 *                                an added layer with the activation identity and a diagonal
 *                                weight [outputs][outputs]
 *
 * Standardization is folded into the first layer. A layer without bias gets one if folding
 * needs it. Sums are computed in long double and rounded once, to the network's dtype.
 * Prediction with the folded network is faster, and other formats can express it more easily.
 * It can be trained, but training it is not the same as training the original. */
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
    /* 1 (default): also folds the standardization. 0: the new network has it, too. Choose 0
     * if the mean of a column is many times its std: products of numbers far from 0 lose the
     * digits that standardizing them first keeps. */
    int standardization;
    /* The rows on which the predictions of both networks are compared; labels and targets are
     * not read. NULL (default): 256 random rows, normal with the mean and std of the
     * standardization, or with 0 and 1 if there is none. */
    const mlpbn_rows *probe;
    uint64_t seed; /* of these random rows; default 0 */
    /* The largest difference of an output that is accepted, relative to the largest output;
     * > 0. MLPBN_DEFAULT_TOLERANCE (default): 1e-4 in f32, 1e-12 in f64. */
    double tolerance;
} mlpbn_fold_options;

#define MLPBN_FOLD_OPTIONS_INIT                                                          \
    {                                                                                    \
        sizeof(mlpbn_fold_options), 1, NULL, 0, MLPBN_DEFAULT_TOLERANCE                  \
    }

/* Fills in the defaults.
 *
 * MLPBN_EINVAL  options is NULL, or struct_size cannot be its size
 */
MLPBN_API MLPBN_MUST_CHECK mlpbn_status
mlpbn_fold_options_init(mlpbn_fold_options *options, size_t struct_size);

/* The comparison of both networks on the probe rows. */
typedef struct mlpbn_fold_report {
    size_t struct_size;
    double difference; /* the largest difference of an output */
    size_t row;        /* the row of the probe that has this difference */
    size_t output;     /* the output that has it */
    double magnitude;  /* the largest magnitude of an output */
    size_t rows;       /* the number of rows that were compared */
} mlpbn_fold_report;

#define MLPBN_FOLD_REPORT_INIT                                                           \
    {                                                                                    \
        sizeof(mlpbn_fold_report), 0, 0, 0, 0, 0                                         \
    }

/* Sets all fields of *report but struct_size to 0.
 *
 * MLPBN_EINVAL  report is NULL, or struct_size cannot be its size
 */
MLPBN_API MLPBN_MUST_CHECK mlpbn_status mlpbn_fold_report_init(mlpbn_fold_report *report,
                                                               size_t struct_size);

/* Makes the folded network, and compares its predictions with those of the original.
 *
 * folded   receives the network, of the same dtype; destroy it with mlpbn_network_destroy
 * network  is only read
 * options  NULL: the defaults
 * report   receives the comparison; its struct_size must be set (mlpbn_fold_report_init).
 *          NULL: not needed
 *
 * MLPBN_EINVAL      folded or network is NULL, or an option is out of its range
 * MLPBN_EINVAL, MLPBN_EDTYPE, MLPBN_ESHAPE, MLPBN_ESIZE, MLPBN_EBATCH, MLPBN_EINDEX
 *                   the probe rows do not fit this network
 * MLPBN_ENOMEM      no memory for the network or the comparison
 * MLPBN_ENONFINITE  a folded weight or bias, or an output, is not finite
 * MLPBN_EACCURACY   the predictions differ by more than the tolerance
 */
MLPBN_API MLPBN_MUST_CHECK mlpbn_status mlpbn_fold(mlpbn_network **folded,
                                                   const mlpbn_network *network,
                                                   const mlpbn_fold_options *options,
                                                   mlpbn_fold_report *report);

MLPBN_END

#endif
