/* Metrics of arrays: the numbers of scikit-learn, written down by
 * tests/reference/sklearn_metrics.py; large and small numbers; and every error. */
#include "api_helpers.h"

enum { BINS = 7 }; /* as in sklearn_metrics.py */

static const double TOLERANCE = 1e-13; /* relative */

/* --- Agreement with scikit-learn ---------------------------------------------------- */

static const struct classification {
    const char *name;
    mlpbn_dtype dtype;
    size_t n, columns, classes;
    const int32_t *labels, *predicted;
    const double *scores, *weights;
    const double *matrix, *precision, *recall, *f1, *support;
    const double *averages;                /* in the order of mlpbn_class_averages */
    const double *top_k;                   /* for k = 1 to columns; NULL with 1 column */
    const double *auc, *average_precision; /* of each column; NULL: not defined */
    double log_loss, brier, calibration_error;
} classifications[] = {
#define CLASSIFICATIONS
#include "../reference/sklearn_fixtures.inc"
#undef CLASSIFICATIONS
};

static const struct regression {
    const char *name;
    mlpbn_dtype dtype, target_dtype;
    size_t n, columns;
    const double *y, *targets, *weights;
    double mae, rmse, r2;
    const double *mae_columns, *rmse_columns, *r2_columns;
} regressions[] = {
#include "../reference/sklearn_fixtures.inc"
};

/* scale: what the difference is relative to. */
static void assert_scaled(double got, double expected, double scale, const char *what)
{
    const double difference = fabs(got - expected);
    const double relative = scale > 0 ? difference / scale : difference;
    if (getenv("MLPBN_REFERENCE_TABLE")) /* make check-metrics */
        printf("agrees\t%s\t%s\t%.1e\n", api_case_name(), what, relative);
    ck_assert_msg(relative <= TOLERANCE,
                  "%s%s: got %.17g, but scikit-learn has %.17g, a difference of %g",
                  api_case_name(), what, got, expected, relative);
}

static void assert_agrees(double got, double expected, const char *what)
{
    assert_scaled(got, expected, fabs(expected), what);
}

static void assert_array_agrees(const double *got, const double *expected, size_t n,
                                const char *what)
{
    for (size_t i = 0; i < n; i++)
        assert_agrees(got[i], expected[i], what);
}

/* The values in this dtype. One element before them makes them unaligned for it. */
static const void *in_dtype(const double *values, size_t n, mlpbn_dtype dtype)
{
    char *array = api_alloc(n + 1, sizeof(double));
    for (size_t i = 0; i < n; i++) {
        if (dtype == MLPBN_U8)
            ((uint8_t *)array)[1 + i] = (uint8_t)values[i];
        else
            api_store(array + 1, dtype, i, values[i]);
    }
    return array + 1;
}

LOOP_TEST(confusion_matrix_agrees, LENGTH(classifications))
{
    const struct classification *c = &classifications[_i];
    const size_t k = c->classes;
    double *matrix = api_alloc(k * k, sizeof *matrix),
           *each = api_alloc(4 * k, sizeof *each);
    mlpbn_class_averages averages = MLPBN_CLASS_AVERAGES_INIT;
    api_case(c->name, "");
    memset(matrix, 0xFF, k * k * sizeof *matrix); /* the function does not add to it */
    OK(mlpbn_confusion_matrix(c->n, c->labels, c->predicted, c->weights, k, matrix));
    assert_array_agrees(matrix, c->matrix, k * k, "confusion matrix");
    OK(mlpbn_precision_recall_f1(matrix, k, each, each + k, each + 2 * k, each + 3 * k,
                                 &averages));
    assert_array_agrees(each, c->precision, k, "precision");
    assert_array_agrees(each + k, c->recall, k, "recall");
    assert_array_agrees(each + 2 * k, c->f1, k, "F1");
    assert_array_agrees(each + 3 * k, c->support, k, "support");
    assert_agrees(averages.accuracy, c->averages[0], "accuracy");
    assert_agrees(averages.macro_precision, c->averages[1], "averages");
    assert_agrees(averages.macro_recall, c->averages[2], "averages");
    assert_agrees(averages.macro_f1, c->averages[3], "averages");
    assert_agrees(averages.weighted_precision, c->averages[4], "averages");
    assert_agrees(averages.weighted_recall, c->averages[5], "averages");
    assert_agrees(averages.weighted_f1, c->averages[6], "averages");
    OK(mlpbn_precision_recall_f1(matrix, k, NULL, NULL, NULL, NULL, NULL));
}

LOOP_TEST(top_k_accuracy_agrees, LENGTH(classifications))
{
    const struct classification *c = &classifications[_i];
    const void *scores = in_dtype(c->scores, c->n * c->columns, c->dtype);
    double accuracy;
    api_case(c->name, "");
    for (size_t k = 1; c->top_k && k <= c->columns; k++) {
        OK(mlpbn_top_k_accuracy(&accuracy, scores, c->dtype, c->n, c->columns, c->labels,
                                c->weights, k));
        assert_agrees(accuracy, c->top_k[k - 1], "top-k accuracy");
    }
}

static double mean(const double *values, size_t n)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += values[i];
    return sum / (double)n;
}

LOOP_TEST(ranking_agrees, LENGTH(classifications))
{
    const struct classification *c = &classifications[_i];
    const size_t k = c->columns;
    const void *scores = in_dtype(c->scores, c->n * k, c->dtype);
    double value, *per_class = api_alloc(k, sizeof *per_class);
    api_case(c->name, "");
    if (!c->auc) {
        INVALID("labels|ROC AUC|weight above 0",
                mlpbn_roc_auc(&value, scores, c->dtype, c->n, k, c->labels, c->weights,
                              per_class));
        return;
    }
    OK(mlpbn_roc_auc(&value, scores, c->dtype, c->n, k, c->labels, c->weights,
                     per_class));
    assert_array_agrees(per_class, c->auc, k, "ROC AUC");
    assert_agrees(value, mean(c->auc, k), "ROC AUC");
    OK(mlpbn_average_precision(&value, scores, c->dtype, c->n, k, c->labels, c->weights,
                               per_class));
    assert_array_agrees(per_class, c->average_precision, k, "average precision");
    assert_agrees(value, mean(c->average_precision, k), "average precision");
    OK(mlpbn_average_precision(&value, scores, c->dtype, c->n, k, c->labels, c->weights,
                               NULL));
    assert_agrees(value, mean(c->average_precision, k), "average precision");
}

LOOP_TEST(probability_metrics_agree, LENGTH(classifications))
{
    const struct classification *c = &classifications[_i];
    const void *p = in_dtype(c->scores, c->n * c->columns, c->dtype);
    double value;
    api_case(c->name, "");
    OK(mlpbn_log_loss(&value, p, c->dtype, c->n, c->columns, c->labels, c->weights));
    assert_agrees(value, c->log_loss, "log loss");
    OK(mlpbn_brier_score(&value, p, c->dtype, c->n, c->columns, c->labels, c->weights));
    assert_agrees(value, c->brier, "Brier score");
    OK(mlpbn_calibration_error(&value, p, c->dtype, c->n, c->columns, c->labels,
                               c->weights, BINS));
    assert_agrees(value, c->calibration_error, "calibration error");
}

typedef mlpbn_status regression_call(double *, const void *, mlpbn_dtype, size_t, size_t,
                                     const void *, mlpbn_dtype, const double *, double *);

/* R^2 is the difference of 1 and a quotient, and has the rounding errors of both. */
static double scale_of(double value, regression_call *call)
{
    return call == mlpbn_r2_score ? 1 + fabs(1 - value) : fabs(value);
}

static void assert_regression(const struct regression *r, regression_call *call,
                              double expected, const double *each, const char *what)
{
    const size_t n = r->n * r->columns;
    const void *y = in_dtype(r->y, n, r->dtype);
    const void *targets = in_dtype(r->targets, n, r->target_dtype);
    double value, *per_column = api_alloc(r->columns, sizeof *per_column);
    OK(call(&value, y, r->dtype, r->n, r->columns, targets, r->target_dtype, r->weights,
            per_column));
    assert_scaled(value, expected, scale_of(expected, call), what);
    for (size_t j = 0; j < r->columns; j++)
        assert_scaled(per_column[j], each[j], scale_of(each[j], call), what);
    OK(call(&value, y, r->dtype, r->n, r->columns, targets, r->target_dtype, r->weights,
            NULL));
    assert_scaled(value, expected, scale_of(expected, call), what);
}

LOOP_TEST(regression_agrees, LENGTH(regressions))
{
    const struct regression *r = &regressions[_i];
    api_case(r->name, "");
    assert_regression(r, mlpbn_mean_absolute_error, r->mae, r->mae_columns,
                      "mean absolute error");
    assert_regression(r, mlpbn_root_mean_squared_error, r->rmse, r->rmse_columns,
                      "root mean squared error");
    assert_regression(r, mlpbn_r2_score, r->r2, r->r2_columns, "R^2");
}

/* --- Calls of one kind -------------------------------------------------------------- */

typedef mlpbn_status scored_call(double *, const void *, mlpbn_dtype, size_t, size_t,
                                 const int32_t *, const double *);

#define SCORED(name, ...)                                                                \
    static mlpbn_status call_##name(double *value, const void *scores,                   \
                                    mlpbn_dtype dtype, size_t n, size_t columns,         \
                                    const int32_t *labels, const double *weights)        \
    {                                                                                    \
        return mlpbn_##name(value, scores, dtype, n, columns, labels, weights,           \
                            __VA_ARGS__);                                                \
    }
SCORED(top_k_accuracy, 1)
SCORED(roc_auc, NULL)
SCORED(average_precision, NULL)
SCORED(calibration_error, 15)

static const struct {
    const char *name, *array;
    scored_call *call;
    size_t min_columns;
    int takes_probabilities;
} scored[] = {
    {"top-k accuracy", "scores", call_top_k_accuracy, 2, 0},
    {"ROC AUC", "scores", call_roc_auc, 1, 0},
    {"average precision", "scores", call_average_precision, 1, 0},
    {"log loss", "probabilities", mlpbn_log_loss, 1, 1},
    {"Brier score", "probabilities", mlpbn_brier_score, 1, 1},
    {"calibration error", "probabilities", call_calibration_error, 1, 1},
};

static const struct {
    const char *name;
    regression_call *call;
    size_t min_rows;
} regression_calls[] = {
    {"mean absolute error", mlpbn_mean_absolute_error, 1},
    {"root mean squared error", mlpbn_root_mean_squared_error, 1},
    {"R^2", mlpbn_r2_score, 2},
};

/* Small arrays that all of them take. */
enum { N = 6, COLUMNS = 3 };
static const int32_t labels[N] = {2, 0, 1, 1, 0, 2};
static const double scores[N * COLUMNS] = {0.385, 0.17, 0.613, 0.7,  0.1,   0.31,
                                           0.25,  0.5,  0.25,  0.61, 0.385, 0.2385,
                                           0.3,   0.3,  0.4,   0.05, 0.15,  0.8};
static const double targets[N * COLUMNS] = {0.5, 0.2, 0.9, 0.1, -0.385, 2.385,
                                            0.7, 1.1, 0.3, 0.8, 0.6,    0.4,
                                            1.3, 0.9, 0.2, 0.7, 2.1,    0.05};
static const double some_weights[N] = {0.385, 2.1, 1.613, 0.7, 0.25, 1.1};

/* --- Large and small numbers -------------------------------------------------------- */

/* Only ratios of weights count: a power of 2 changes no bit, even where sums overflow. */
static const double weight_scales[] = {0x1p+1022, 0x1p-1000};

LOOP_TEST(the_scale_of_weights_does_not_count, LENGTH(scored))
{
    double expected, value, weights[N];
    OK(scored[_i].call(&expected, scores, MLPBN_F64, N, COLUMNS, labels, some_weights));
    for (size_t i = 0; i < LENGTH(weight_scales); i++) {
        for (size_t j = 0; j < N; j++)
            weights[j] = weight_scales[i] * some_weights[j];
        OK(scored[_i].call(&value, scores, MLPBN_F64, N, COLUMNS, labels, weights));
        ck_assert_msg(value == expected, "%s: %g and %g", scored[_i].name, value,
                      expected);
    }
}

LOOP_TEST(the_scale_of_weights_does_not_count_in_regression, LENGTH(regression_calls))
{
    regression_call *call = regression_calls[_i].call;
    double expected, value, weights[N];
    OK(call(&expected, scores, MLPBN_F64, N, COLUMNS, targets, MLPBN_F64, some_weights,
            NULL));
    for (size_t i = 0; i < LENGTH(weight_scales); i++) {
        for (size_t j = 0; j < N; j++)
            weights[j] = weight_scales[i] * some_weights[j];
        OK(call(&value, scores, MLPBN_F64, N, COLUMNS, targets, MLPBN_F64, weights,
                NULL));
        ck_assert_msg(value == expected, "%s: %g and %g", regression_calls[_i].name,
                      value, expected);
    }
}

/* Equal weights are no weights, and rows of weight 0 are none. */
LOOP_TEST(rows_of_weight_0_are_none, LENGTH(scored))
{
    static const double equal[N] = {0.3, 0.3, 0.3, 0.3, 0.3, 0.3},
                        first[N] = {1, 1, 1, 1};
    double plain, value;
    const size_t columns = 2; /* the first four rows lack label 2 */
    int32_t two[N];
    for (size_t i = 0; i < N; i++)
        two[i] = labels[i] % 2;
    OK(scored[_i].call(&plain, scores, MLPBN_F64, N, columns, two, NULL));
    OK(scored[_i].call(&value, scores, MLPBN_F64, N, columns, two, equal));
    api_assert_near(value, plain, 1e-15, scored[_i].name);
    OK(scored[_i].call(&plain, scores, MLPBN_F64, 4, columns, two, NULL));
    OK(scored[_i].call(&value, scores, MLPBN_F64, N, columns, two, first));
    ck_assert_msg(value == plain, "%s: %g and %g", scored[_i].name, value, plain);
}

/* Positives and negatives that vanish beside each other: each side still has its order. In a
 * column, scores fall with the row; label 1 is positive. */
TEST(sides_of_other_sizes_keep_their_order)
{
    static const double falling[] = {0.9, 0.8, 0.7, 0.6};
    static const int32_t sides[] = {0, 1, 0, 1};
    static const double heavy_negatives[] = {1e300, 1e-300, 1e300, 3e-300};
    static const double heavy_positives[] = {1e-300, 1e300, 1e-300, 3e300};
    double value;
    OK(mlpbn_roc_auc(&value, falling, MLPBN_F64, 4, 1, sides, heavy_negatives, NULL));
    api_assert_near(value, 0.125, 1e-16, "AUC"); /* 1 / 4 of half */
    OK(mlpbn_roc_auc(&value, falling, MLPBN_F64, 4, 1, sides, heavy_positives, NULL));
    api_assert_near(value, 0.125, 1e-16, "AUC");
    OK(mlpbn_average_precision(&value, falling, MLPBN_F64, 4, 1, sides, heavy_negatives,
                               NULL));
    ck_assert(value == 0);
    OK(mlpbn_average_precision(&value, falling, MLPBN_F64, 4, 1, sides, heavy_positives,
                               NULL));
    ck_assert(value == 1);
}

/* Scores of any size and sign count by their order only. */
TEST(scores_may_be_logits_of_any_size)
{
    static const double logits[] = {-1.7e308, 1.7e308, -3e-320, 0, 1e300, -1e300};
    static const int32_t sides[] = {0, 1, 0, 1, 1, 0};
    double value;
    OK(mlpbn_roc_auc(&value, logits, MLPBN_F64, N, 1, sides, some_weights, NULL));
    ck_assert(value == 1);
    OK(mlpbn_top_k_accuracy(&value, logits, MLPBN_F64, 3, 2, (int32_t[]){1, 1, 0}, NULL,
                            1));
    ck_assert(value == 1);
}

/* A million rows round no more than one: 0.1 is no multiple of a power of 2. */
LARGE_TEST(many_rows_lose_nothing, 1)
{
    enum { MANY = 1000000 };
    double *y = api_alloc(MANY, sizeof *y), *zeros = api_alloc(MANY, sizeof *zeros);
    int32_t *ones = api_alloc(MANY, sizeof *ones);
    double value;
    for (size_t i = 0; i < MANY; i++) {
        y[i] = 0.1;
        ones[i] = 1;
    }
    OK(mlpbn_mean_absolute_error(&value, y, MLPBN_F64, MANY, 1, zeros, MLPBN_F64, y,
                                 NULL));
    api_assert_near(value, 0.1, 1.4e-17, "mean absolute error");
    OK(mlpbn_root_mean_squared_error(&value, y, MLPBN_F64, MANY, 1, zeros, MLPBN_F64,
                                     NULL, NULL));
    api_assert_near(value, 0.1, 1.4e-17, "root mean squared error");
    OK(mlpbn_log_loss(&value, y, MLPBN_F64, MANY, 1, ones, NULL));
    api_assert_near(value, -log(0.1), 4.5e-16, "log loss");
    OK(mlpbn_calibration_error(&value, y, MLPBN_F64, MANY, 1, ones, NULL, 10));
    api_assert_near(value, 0.9, 1.2e-16, "calibration error");
}

/* Errors of 1e300, whose squares overflow, and of 1e-300, whose squares vanish. */
TEST(regression_of_large_and_small_numbers)
{
    static const double units[] = {1e300, 1e-300, 1e-310};
    for (size_t i = 0; i < LENGTH(units); i++) {
        const double unit = units[i], tolerance = i < 2 ? 1e-14 : 1e-12;
        const double y[] = {3 * unit, 0, 2 * unit}, t[] = {0, 4 * unit, 2 * unit};
        double value;
        OK(mlpbn_mean_absolute_error(&value, y, MLPBN_F64, 3, 1, t, MLPBN_F64, NULL,
                                     NULL));
        api_assert_near(value / unit, 7. / 3, tolerance, "mean absolute error");
        OK(mlpbn_root_mean_squared_error(&value, y, MLPBN_F64, 3, 1, t, MLPBN_F64, NULL,
                                         NULL));
        api_assert_near(value / unit, sqrt(25. / 3), tolerance,
                        "root mean squared error");
        OK(mlpbn_r2_score(&value, y, MLPBN_F64, 3, 1, t, MLPBN_F64, NULL, NULL));
        api_assert_near(value, 1 - 25. / 8, tolerance, "R^2");
    }
}

/* Where scikit-learn adds up targets, their mean may differ from them in the last bit, and R^2
 * is then a huge number. */
TEST(constant_targets_are_found_with_any_weights)
{
    static const double constant[N] = {0.1, 0.1, 0.1, 0.1, 0.1, 0.1};
    double value;
    OK(mlpbn_r2_score(&value, scores, MLPBN_F64, N, 1, constant, MLPBN_F64, some_weights,
                      NULL));
    ck_assert(value == 0);
    OK(mlpbn_r2_score(&value, constant, MLPBN_F64, N, 1, constant, MLPBN_F64,
                      some_weights, NULL));
    ck_assert(value == 1);
}

/* What overflows is an error; neither result is written, nor those of columns before it. */
LOOP_TEST(an_error_that_overflows_is_refused, LENGTH(regression_calls))
{
    static const double y[] = {1, 1.7e308, 2, 0.385}, t[] = {2, -1.7e308, 1, 0};
    double value = 2.385, per_column[2] = {0.17, 0.613};
    api_case(regression_calls[_i].name, "");
    NONFINITE("y|column 1|overflows",
              regression_calls[_i].call(&value, y, MLPBN_F64, 2, 2, t, MLPBN_F64, NULL,
                                        per_column));
    ck_assert(value == (double)2.385);
    ck_assert(per_column[0] == (double)0.17 && per_column[1] == (double)0.613);
}

TEST(r2_that_overflows_is_refused)
{
    static const double y[] = {1e200, -1e200}, t[] = {1e-200, 2e-200};
    static const double far[] = {1.7e308, -1.7e308};
    double value = 2.385;
    NONFINITE("column 0|overflows",
              mlpbn_r2_score(&value, y, MLPBN_F64, 2, 1, t, MLPBN_F64, NULL, NULL));
    NONFINITE("column 0|overflows",
              mlpbn_r2_score(&value, far, MLPBN_F64, 2, 1, far, MLPBN_F64, NULL, NULL));
    ck_assert(value == (double)2.385);
}

/* --- What the header says besides --------------------------------------------------- */

/* Equal scores: the first class is the prediction, as mlpbn_evaluate has it. */
DTYPE_TEST(top_1_and_log_loss_are_those_of_evaluate)
{
    const struct setup s = SETUP(dtype, 40, dtype, 5, {4, 3}, .last = MLPBN_SOFTMAX);
    const double *p = setup_predict(&s);
    const mlpbn_metrics metrics = setup_evaluate(&s, NULL);
    const void *y = in_dtype(p, 120, dtype);
    double value;
    OK(mlpbn_top_k_accuracy(&value, y, dtype, 40, 3, s.labels, NULL, 1));
    ck_assert(value == metrics.accuracy);
    OK(mlpbn_log_loss(&value, y, dtype, 40, 3, s.labels, NULL));
    api_assert_near(value, metrics.loss, 20 * api_epsilon(dtype), "log loss");
    static const double equal[] = {0.25, 0.25, 0.25, 0.25};
    for (int32_t label = 0; label < 4; label++)
        for (size_t k = 1; k <= 4; k++) {
            OK(mlpbn_top_k_accuracy(&value, equal, MLPBN_F64, 1, 4, &label, NULL, k));
            ck_assert(value == ((size_t)label < k));
        }
}

/* Of labels that are all positive, average precision is defined, unlike AUC. */
TEST(average_precision_needs_no_negatives)
{
    static const int32_t all[N] = {1, 1, 1, 1, 1, 1}, none[N] = {0};
    double value = 2.385;
    INVALID("labels|ROC AUC|other than 1",
            mlpbn_roc_auc(&value, scores, MLPBN_F64, N, 1, all, NULL, NULL));
    INVALID("labels|ROC AUC|label 1|none",
            mlpbn_roc_auc(&value, scores, MLPBN_F64, N, 1, none, NULL, NULL));
    INVALID("labels|average precision|label 1|none",
            mlpbn_average_precision(&value, scores, MLPBN_F64, N, 1, none, NULL, NULL));
    /* Label 1 has only rows of weight 0. */
    INVALID("labels|average precision|label 1|none",
            mlpbn_average_precision(&value, scores, MLPBN_F64, N, 3, labels,
                                    (double[N]){1, 1, 0, 0, 1, 1}, NULL));
    ck_assert(value == (double)2.385);
    OK(mlpbn_average_precision(&value, scores, MLPBN_F64, N, 1, all, some_weights, NULL));
    ck_assert(value == 1);
}

/* A confidence on the border of two bins is in the lower one, and 0 in the first. */
TEST(bins_hold_their_upper_bound)
{
    /* Binary, always label 1: the gaps of 0.25 and 0.75 (both of confidence 0.75, but one is
     * wrong) cancel in part if they are in one bin; those of 0.5 stand in the bin below. */
    static const double p[] = {0.25, 0.75, 0.5};
    static const int32_t ones[] = {1, 1, 1};
    double value;
    OK(mlpbn_calibration_error(&value, p, MLPBN_F64, 3, 1, ones, NULL, 4));
    api_assert_near(value, (0.5 + 0.5) / 3, 1e-16, "4 bins");
    OK(mlpbn_calibration_error(&value, p, MLPBN_F64, 3, 1, ones, NULL, 1));
    api_assert_near(value, 1. / 3, 1e-16, "1 bin");
    OK(mlpbn_calibration_error(&value, (double[]){0.5, 0.51}, MLPBN_F64, 2, 1,
                               (int32_t[]){1, 1}, NULL, 2));
    api_assert_near(value, (0.5 + 0.49) / 2, 1e-16, "2 bins");
    OK(mlpbn_calibration_error(&value, (double[]){0, 0, 1, 1}, MLPBN_F64, 2, 2,
                               (int32_t[]){0, 0}, NULL, 5));
    api_assert_near(value, 0, 0.5, "confidence 0 and 1"); /* no NaN, no other memory */
}

/* --- Errors ------------------------------------------------------------------------- */

LOOP_TEST(scored_calls_refuse_bad_arguments, LENGTH(scored))
{
    scored_call *call = scored[_i].call;
    const size_t few = scored[_i].min_columns - 1;
    double value = 2.385, weights[N] = {0};
    char words[60];
    api_case(scored[_i].name, "");
    snprintf(words, sizeof words, "%s|NULL", scored[_i].array);
    INVALID("NULL", call(NULL, scores, MLPBN_F64, N, COLUMNS, labels, NULL));
    INVALID(words, call(&value, NULL, MLPBN_F64, N, COLUMNS, labels, NULL));
    INVALID("labels|NULL", call(&value, scores, MLPBN_F64, N, COLUMNS, NULL, NULL));
    INVALID("columns|at least", call(&value, scores, MLPBN_F64, N, few, labels, NULL));
    FAILS(MLPBN_EBATCH, "n|1|0",
          call(&value, scores, MLPBN_F64, 0, COLUMNS, labels, NULL));
    FAILS(MLPBN_EDTYPE, "MLPBN_F32|3",
          call(&value, scores, MLPBN_U8, N, COLUMNS, labels, NULL));
    FAILS(MLPBN_EDTYPE, "0",
          call(&value, scores, MLPBN_NO_DTYPE, N, COLUMNS, labels, NULL));
    FAILS(MLPBN_ESIZE, scored[_i].array,
          call(&value, scores, MLPBN_F64, SIZE_MAX / 4, COLUMNS, labels, NULL));
    FAILS(MLPBN_ESIZE, scored[_i].array,
          call(&value, scores, MLPBN_F64, N, SIZE_MAX / 8, labels, NULL));
    INVALID("weights|0 in all 6",
            call(&value, scores, MLPBN_F64, N, COLUMNS, labels, weights));
    static const double bad[] = {-0.385, HUGE_VAL, API_NAN};
    for (size_t i = 0; i < LENGTH(bad); i++) {
        weights[4] = bad[i];
        INVALID("weights[4]",
                call(&value, scores, MLPBN_F64, N, COLUMNS, labels, weights));
    }
    ck_assert(value == (double)2.385);
}

LOOP_TEST(scored_calls_refuse_bad_labels_and_scores, LENGTH(scored))
{
    scored_call *call = scored[_i].call;
    double value = 2.385, bad_scores[N * COLUMNS];
    float bad_floats[N * COLUMNS] = {0};
    int32_t bad_labels[N];
    char words[60];
    api_case(scored[_i].name, "");
    memcpy(bad_labels, labels, sizeof labels);
    bad_labels[3] = COLUMNS;
    FAILS(MLPBN_ELABEL, "labels[3] = 3",
          call(&value, scores, MLPBN_F64, N, COLUMNS, bad_labels, NULL));
    bad_labels[3] = -1;
    FAILS(MLPBN_ELABEL, "labels[3] = -1",
          call(&value, scores, MLPBN_F64, N, COLUMNS, bad_labels, NULL));
    if (scored[_i].min_columns == 1) /* label 2 */
        FAILS(MLPBN_ELABEL, "labels[0] = 2",
              call(&value, scores, MLPBN_F64, N, 1, labels, NULL));
    snprintf(words, sizeof words, "%s[3][1]", scored[_i].array);
    static const double bad[] = {HUGE_VAL, -HUGE_VAL, API_NAN, -0x1p-1074, 1.0000001};
    for (size_t i = 0; i < LENGTH(bad); i++) {
        const mlpbn_status status = i < 3 ? MLPBN_ENONFINITE : MLPBN_EINVAL;
        memcpy(bad_scores, scores, sizeof scores);
        bad_scores[3 * COLUMNS + 1] = bad[i];
        bad_floats[3 * COLUMNS + 1] = (float)bad[i];
        if (i < 3 || scored[_i].takes_probabilities)
            FAILS(status, words,
                  call(&value, bad_scores, MLPBN_F64, N, COLUMNS, labels, NULL));
        if (i < 3)
            FAILS(status, words,
                  call(&value, bad_floats, MLPBN_F32, N, COLUMNS, labels, NULL));
    }
    ck_assert(value == (double)2.385);
}

TEST(options_of_scored_calls_are_checked)
{
    double value = 2.385;
    INVALID("k|[1, 3]|0",
            mlpbn_top_k_accuracy(&value, scores, MLPBN_F64, N, COLUMNS, labels, NULL, 0));
    INVALID("k|[1, 3]|4",
            mlpbn_top_k_accuracy(&value, scores, MLPBN_F64, N, COLUMNS, labels, NULL, 4));
    INVALID("bins|0", mlpbn_calibration_error(&value, scores, MLPBN_F64, N, COLUMNS,
                                              labels, NULL, 0));
    FAILS(MLPBN_ENOMEM, "bins",
          mlpbn_calibration_error(&value, scores, MLPBN_F64, N, COLUMNS, labels, NULL,
                                  SIZE_MAX / 2));
    ck_assert(value == (double)2.385);
}

LOOP_TEST(regression_calls_refuse_bad_arguments, LENGTH(regression_calls))
{
    regression_call *call = regression_calls[_i].call;
    const size_t few = regression_calls[_i].min_rows - 1;
    const mlpbn_dtype f64 = MLPBN_F64;
    double value = 2.385, each[COLUMNS] = {0.17, 0.385, 0.613}, weights[N] = {0};
    api_case(regression_calls[_i].name, "");
    INVALID("NULL", call(NULL, scores, f64, N, COLUMNS, targets, f64, NULL, each));
    INVALID("y|NULL", call(&value, NULL, f64, N, COLUMNS, targets, f64, NULL, each));
    INVALID("targets|NULL", call(&value, scores, f64, N, COLUMNS, NULL, f64, NULL, each));
    INVALID("columns|1|0", call(&value, scores, f64, N, 0, targets, f64, NULL, each));
    FAILS(MLPBN_EBATCH, "n|at least",
          call(&value, scores, f64, few, COLUMNS, targets, f64, NULL, each));
    FAILS(MLPBN_EDTYPE, "y|3",
          call(&value, scores, MLPBN_U8, N, COLUMNS, targets, f64, NULL, each));
    FAILS(MLPBN_EDTYPE, "targets|MLPBN_U8|0",
          call(&value, scores, f64, N, COLUMNS, targets, MLPBN_NO_DTYPE, NULL, each));
    FAILS(MLPBN_ESIZE, "y",
          call(&value, scores, f64, N, SIZE_MAX / 32, targets, f64, NULL, each));
    FAILS(MLPBN_ESIZE, "targets", /* floats fit, and doubles do not */
          call(&value, scores, MLPBN_F32, PTRDIFF_MAX / 4, 1, targets, f64, NULL, each));
    FAILS(MLPBN_ESIZE, "weights",
          call(&value, scores, MLPBN_F32, PTRDIFF_MAX / 4, 1, targets, MLPBN_F32, scores,
               each));
    INVALID("weights|0 in all 6",
            call(&value, scores, f64, N, COLUMNS, targets, f64, weights, each));
    weights[2] = -1;
    INVALID("weights[2] = -1",
            call(&value, scores, f64, N, COLUMNS, targets, f64, weights, each));
    ck_assert(value == (double)2.385 && each[0] == (double)0.17 &&
              each[1] == (double)0.385);
}

LOOP_TEST(regression_calls_refuse_bad_numbers, LENGTH(regression_calls))
{
    static const double bad[] = {HUGE_VAL, -HUGE_VAL, API_NAN};
    regression_call *call = regression_calls[_i].call;
    double value = 2.385, spoiled[N * COLUMNS];
    api_case(regression_calls[_i].name, "");
    for (size_t i = 0; i < LENGTH(bad); i++) {
        memcpy(spoiled, targets, sizeof targets);
        spoiled[4 * COLUMNS + 2] = bad[i];
        NONFINITE("y[4][2]", call(&value, spoiled, MLPBN_F64, N, COLUMNS, targets,
                                  MLPBN_F64, NULL, NULL));
        NONFINITE("targets[4][2]", call(&value, scores, MLPBN_F64, N, COLUMNS, spoiled,
                                        MLPBN_F64, NULL, NULL));
    }
    ck_assert(value == (double)2.385);
}

TEST(confusion_matrix_refuses_bad_arguments)
{
    static const double huge[N] = {8e307, 1, 1, 1, 1, 2e307};
    static const int32_t bad[N] = {0, 1, 2, 3, 0, 1};
    double matrix[9], before[9], zeros[N] = {0};
    memset(matrix, 0x40, sizeof matrix);
    memcpy(before, matrix, sizeof matrix);
    INVALID("labels|NULL", mlpbn_confusion_matrix(N, NULL, labels, NULL, 3, matrix));
    INVALID("predicted|NULL", mlpbn_confusion_matrix(N, labels, NULL, NULL, 3, matrix));
    INVALID("matrix|NULL", mlpbn_confusion_matrix(N, labels, labels, NULL, 3, NULL));
    INVALID("classes|2|1", mlpbn_confusion_matrix(N, labels, labels, NULL, 1, matrix));
    INVALID("classes|2|0", mlpbn_confusion_matrix(N, labels, labels, NULL, 0, matrix));
    FAILS(MLPBN_EBATCH, "n|0",
          mlpbn_confusion_matrix(0, labels, labels, NULL, 3, matrix));
    FAILS(MLPBN_ESIZE, "matrix",
          mlpbn_confusion_matrix(N, labels, labels, NULL, SIZE_MAX / 2, matrix));
    FAILS(MLPBN_ESIZE, "labels",
          mlpbn_confusion_matrix(SIZE_MAX / 2, labels, labels, NULL, 3, matrix));
    FAILS(MLPBN_ELABEL, "labels[3] = 3",
          mlpbn_confusion_matrix(N, bad, labels, NULL, 3, matrix));
    FAILS(MLPBN_ELABEL, "predicted[3] = 3",
          mlpbn_confusion_matrix(N, labels, bad, NULL, 3, matrix));
    INVALID("weights|0 in all 6",
            mlpbn_confusion_matrix(N, labels, labels, zeros, 3, matrix));
    INVALID("weights|DBL_MAX",
            mlpbn_confusion_matrix(N, labels, labels, huge, 3, matrix));
    zeros[5] = API_NAN;
    INVALID("weights[5]", mlpbn_confusion_matrix(N, labels, labels, zeros, 3, matrix));
    api_assert_same(matrix, before, sizeof matrix, "matrix");
}

TEST(a_bad_confusion_matrix_is_refused)
{
    static const struct {
        mlpbn_status status;
        const char *words;
        double matrix[4];
    } bad[] = {
        {MLPBN_EINVAL, "matrix[1][0] = -0.385", {1, 2, -0.385, 4}},
        {MLPBN_ENONFINITE, "matrix[0][1]", {1, HUGE_VAL, 3, 4}},
        {MLPBN_ENONFINITE, "matrix[1][1]", {1, 2, 3, API_NAN}},
        {MLPBN_EINVAL, "matrix|DBL_MAX", {1, 6e307, 4e307, 4}},
        {MLPBN_EINVAL, "matrix|sum above 0", {0, 0, 0, 0}},
    };
    mlpbn_class_averages averages = MLPBN_CLASS_AVERAGES_INIT;
    double each[2] = {0.17, 0.613};
    averages.accuracy = 2.385;
    for (size_t i = 0; i < LENGTH(bad); i++)
        FAILS(bad[i].status, bad[i].words,
              mlpbn_precision_recall_f1(bad[i].matrix, 2, each, each, each, each,
                                        &averages));
    INVALID("matrix|NULL",
            mlpbn_precision_recall_f1(NULL, 2, each, each, each, each, NULL));
    INVALID("classes|1",
            mlpbn_precision_recall_f1(scores, 1, each, each, each, each, &averages));
    FAILS(MLPBN_ESIZE, "matrix",
          mlpbn_precision_recall_f1(scores, SIZE_MAX / 8, each, NULL, NULL, NULL, NULL));
    averages.struct_size = 0;
    INVALID("struct_size|0",
            mlpbn_precision_recall_f1(scores, 2, each, each, each, each, &averages));
    ck_assert(averages.accuracy == (double)2.385);
    ck_assert(each[0] == (double)0.17 && each[1] == (double)0.613);
}
