/* Metrics: how well predictions agree with labels or targets. They are functions of arrays, such
 * as those that mlpbn_predict_f32 and mlpbn_classify fill in, and need no network. */
#ifndef MLPBN_METRICS_H
#define MLPBN_METRICS_H

#include <mlpbn/common.h>
#include <mlpbn/status.h>

MLPBN_BEGIN

/* The definitions are those of scikit-learn, where nothing else is said. Arguments that several
 * functions have:
 *
 *   n        the number of rows, >= 1
 *   dtype    the dtype of scores, probabilities or y, of any alignment: MLPBN_F32 or MLPBN_F64
 *   columns  of scores, probabilities or y: the outputs of the network
 *   labels   [n], each in [0, columns). If there is 1 column, the classification is binary: the
 *            column belongs to label 1, and labels are 0 or 1
 *   weights  [n], the weights of the rows, each finite and >= 0, and one above 0. NULL: all 1.
 *            Only their ratios count, except where weights are added up: in a confusion matrix
 *
 * Everything is computed in double. Sums neither overflow nor lose precision with many rows; only
 * the weights in a confusion matrix are added up plainly. No result is a NaN or infinite: where a
 * metric is not defined, the call fails or the result is the number that is told here. A row of
 * weight 0 is checked like the others, and changes no result.
 *
 * Errors of all calls, besides those named at each:
 *
 * MLPBN_EINVAL      a pointer is NULL that must not be; columns or classes are too few; a weight
 *                   is negative, infinite or NaN, or all are 0
 * MLPBN_EBATCH      n is 0
 * MLPBN_EDTYPE      a dtype is none of those allowed
 * MLPBN_ESIZE       the size of an array overflows
 * MLPBN_ELABEL      a label is out of range
 * MLPBN_ENONFINITE  a score, probability, output or target is NaN or infinite
 */

/* --- Classes ---------------------------------------------------------------------------- */

/* Computes the confusion matrix: matrix[i][j] is the weight of the rows, or their number, with
 * label i that were predicted to be j.
 *
 * labels     [n], each in [0, classes)
 * predicted  [n], the classes that were predicted, in the same range
 * classes    >= 2
 * matrix     [classes][classes], receives the result
 *
 * MLPBN_EINVAL  the sum of the weights is above half of DBL_MAX
 */
MLPBN_API MLPBN_MUST_CHECK mlpbn_status
mlpbn_confusion_matrix(size_t n, const int32_t *labels, const int32_t *predicted,
                       const double *weights, size_t classes, double *matrix);

/* Averages over classes, in two ways: a macro average is the mean over all classes, those
 * without rows too; a weighted average is weighted by the support of each class. */
typedef struct mlpbn_class_averages {
    size_t struct_size;
    /* The share of rows that are predicted right. It is also the micro average of precision,
     * of recall and of F1, which are equal where each row has one label. */
    double accuracy;
    double macro_precision;
    double macro_recall;
    double macro_f1;
    double weighted_precision;
    double weighted_recall;
    double weighted_f1;
} mlpbn_class_averages;

#define MLPBN_CLASS_AVERAGES_INIT                                                        \
    {                                                                                    \
        sizeof(mlpbn_class_averages), 0, 0, 0, 0, 0, 0, 0                                \
    }

/* Sets all fields of *averages but struct_size to 0.
 *
 * MLPBN_EINVAL  averages is NULL, or struct_size cannot be its size
 */
MLPBN_API MLPBN_MUST_CHECK mlpbn_status
mlpbn_class_averages_init(mlpbn_class_averages *averages, size_t struct_size);

/* Computes from a confusion matrix M, for each class c:
 *
 *   precision[c]  M[c][c] / sum_i M[i][c], the share of predictions of c that are right
 *   recall[c]     M[c][c] / sum_j M[c][j], the share of rows of c that are found
 *   f1[c]         2 M[c][c] / (sum_i M[i][c] + sum_j M[c][j])
 *   support[c]    sum_j M[c][j], the weight of the rows of c
 *
 * A quotient whose divisor is 0, of a class without predictions or without rows, is 0: as
 * scikit-learn with zero_division=0.
 *
 * matrix    [classes][classes], each element finite and >= 0
 * classes   >= 2
 * precision, recall, f1, support
 *           [classes] each; NULL: not wanted
 * averages  its struct_size must be set (mlpbn_class_averages_init); NULL: not wanted
 *
 * MLPBN_EINVAL      an element is negative; the sum of all is 0, or above half of DBL_MAX;
 *                   averages' struct_size is too small
 * MLPBN_ENONFINITE  an element is NaN or infinite
 */
MLPBN_API MLPBN_MUST_CHECK mlpbn_status mlpbn_precision_recall_f1(
    const double *matrix, size_t classes, double *precision, double *recall, double *f1,
    double *support, mlpbn_class_averages *averages);

/* --- Scores of classes ------------------------------------------------------------------ */

/* Computes the share of rows whose label is among the k classes of the largest scores. Classes of
 * equal score count in the order of the columns, so that k = 1 gives the accuracy of
 * mlpbn_evaluate; scikit-learn counts them in the reverse order.
 *
 * accuracy  receives the result, in [0, 1]
 * scores    [n][columns]: logits, probabilities or any others; columns >= 2
 * k         in [1, columns]
 *
 * MLPBN_EINVAL  k is out of range
 */
MLPBN_API MLPBN_MUST_CHECK mlpbn_status mlpbn_top_k_accuracy(
    double *accuracy, const void *scores, mlpbn_dtype dtype, size_t n, size_t columns,
    const int32_t *labels, const double *weights, size_t k);

/* Computes the area under the ROC curve: the probability that a row of the class has a larger
 * score than a row of another class, where equal scores count one half (Hanley and McNeil,
 * 1982). If there are several columns, it is the mean over the classes, each against the rest
 * (multi_class='ovr', average='macro'), with 2 columns too: the area of label 1 alone is
 * per_class[1].
 *
 * auc        receives the result, in [0, 1]
 * scores     [n][columns]: logits, probabilities or any others; columns >= 1
 * per_class  [columns], receives the area of each class; NULL: not wanted
 *
 * MLPBN_EINVAL  a class, or the rest, has no row of weight above 0
 * MLPBN_ENOMEM  no memory for the order of the scores: 16 n bytes and 8 for each column
 */
MLPBN_API MLPBN_MUST_CHECK mlpbn_status mlpbn_roc_auc(
    double *auc, const void *scores, mlpbn_dtype dtype, size_t n, size_t columns,
    const int32_t *labels, const double *weights, double *per_class);

/* Computes the average precision: sum_t (recall_t - recall_{t-1}) precision_t over all distinct
 * scores t from the largest down, where rows of score >= t count as predicted. If there are
 * several columns, it is the mean over the classes, as for mlpbn_roc_auc.
 *
 * precision  receives the result, in [0, 1]
 * scores     [n][columns]: logits, probabilities or any others; columns >= 1
 * per_class  [columns], receives the average precision of each class; NULL: not wanted
 *
 * MLPBN_EINVAL  a class has no row of weight above 0. (If only the rest has none, the average
 *               precision is 1.)
 * MLPBN_ENOMEM  as for mlpbn_roc_auc
 */
MLPBN_API MLPBN_MUST_CHECK mlpbn_status mlpbn_average_precision(
    double *precision, const void *scores, mlpbn_dtype dtype, size_t n, size_t columns,
    const int32_t *labels, const double *weights, double *per_class);

/* --- Probabilities of classes ----------------------------------------------------------- */

/* For these, probabilities is [n][columns], each element in [0, 1] or the call returns
 * MLPBN_EINVAL; the sum of a row is not checked. columns >= 1; if it is 1, the probability of
 * label 0 is 1 - that of label 1. */

/* Computes the log loss, -log p of the label, in the mean over the rows. p is first brought into
 * [e, 1 - e], where e is the epsilon of the dtype: FLT_EPSILON or DBL_EPSILON.
 *
 * loss  receives the result
 */
MLPBN_API MLPBN_MUST_CHECK mlpbn_status
mlpbn_log_loss(double *loss, const void *probabilities, mlpbn_dtype dtype, size_t n,
               size_t columns, const int32_t *labels, const double *weights);

/* Computes the Brier score, sum_j (p_j - [j = label])^2, in the mean over the rows. For two
 * classes, in 1 or 2 columns, it is half of that: in [0, 1], as in scikit-learn.
 *
 * score  receives the result
 */
MLPBN_API MLPBN_MUST_CHECK mlpbn_status
mlpbn_brier_score(double *score, const void *probabilities, mlpbn_dtype dtype, size_t n,
                  size_t columns, const int32_t *labels, const double *weights);

/* Computes the expected calibration error (Guo et al. 2017): rows are put into bins by the
 * largest probability, their confidence, and the result is
 *
 *   sum_b |rows of b| / n |accuracy of b - mean confidence of b|
 *
 * Bin b, from 0, holds the confidences p with b < p bins <= b + 1, and bin 0 also p = 0. If
 * several probabilities are the largest, the first is what is predicted.
 *
 * error  receives the result, in [0, 1]
 * bins   of equal width, >= 1; Guo et al. use 15
 *
 * MLPBN_EINVAL  bins is 0
 * MLPBN_ENOMEM  no memory for the bins: 16 bytes each
 */
MLPBN_API MLPBN_MUST_CHECK mlpbn_status mlpbn_calibration_error(
    double *error, const void *probabilities, mlpbn_dtype dtype, size_t n, size_t columns,
    const int32_t *labels, const double *weights, size_t bins);

/* --- Regression ------------------------------------------------------------------------- */

/* The result of each is the mean over the columns (multioutput='uniform_average'), and
 * per_column, [columns] or NULL, receives those of each column.
 *
 * y             [n][columns], the outputs of the network; columns >= 1
 * targets       [n][columns], of any alignment
 * target_dtype  MLPBN_F32, MLPBN_F64 or MLPBN_U8
 *
 * MLPBN_ENONFINITE  also if a difference or a result overflows
 */

/* mean |y - target| */
MLPBN_API MLPBN_MUST_CHECK mlpbn_status
mlpbn_mean_absolute_error(double *error, const void *y, mlpbn_dtype dtype, size_t n,
                          size_t columns, const void *targets, mlpbn_dtype target_dtype,
                          const double *weights, double *per_column);

/* sqrt(mean (y - target)^2), the root taken for each column */
MLPBN_API MLPBN_MUST_CHECK mlpbn_status mlpbn_root_mean_squared_error(
    double *error, const void *y, mlpbn_dtype dtype, size_t n, size_t columns,
    const void *targets, mlpbn_dtype target_dtype, const double *weights,
    double *per_column);

/* R^2, the coefficient of determination: 1 - sum (y - target)^2 / sum (target - mean target)^2.
 * Where all targets of a column are equal, it is 1 if all y are equal to them, and otherwise 0:
 * as scikit-learn with force_finite=True.
 *
 * MLPBN_EBATCH  n is 1, for which R^2 is not defined
 */
MLPBN_API MLPBN_MUST_CHECK mlpbn_status
mlpbn_r2_score(double *score, const void *y, mlpbn_dtype dtype, size_t n, size_t columns,
               const void *targets, mlpbn_dtype target_dtype, const double *weights,
               double *per_column);

MLPBN_END

#endif
