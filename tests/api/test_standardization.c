/* Input standardization: set, fit, get, and what it does to inputs. */
#include "api_reference.h"

/* Means and deviations of all inputs, 0 and 1 of a network that does not standardize. */
struct standardization {
    double mean[SETUP_INPUTS], std[SETUP_INPUTS];
};

static const struct standardization usual = {{0.731, -2.385, 0.0173, 11.71, -0.5},
                                             {1.385, 0.271, 2.5, 0.0731, 7.17}};

static struct standardization get(const mlpbn_network *network)
{
    struct standardization s;
    OK(mlpbn_network_get_standardization(network, s.mean, s.std, SETUP_INPUTS));
    return s;
}

static mlpbn_status set(mlpbn_network *network, const struct standardization *s)
{
    return mlpbn_network_set_standardization(network, s->mean, s->std, SETUP_INPUTS);
}

/* Within relative errors; those of a mean that was summed are of the deviation, too. */
static void assert_standardization(const mlpbn_network *network,
                                   const struct standardization *expected,
                                   double relative, int is_fitted)
{
    const struct standardization got = get(network);
    for (size_t j = 0; j < SETUP_INPUTS; j++) {
        api_assert_near(
            got.mean[j], expected->mean[j],
            relative * (fabs(expected->mean[j]) + (is_fitted ? expected->std[j] : 0)),
            "mean");
        api_assert_near(got.std[j], expected->std[j], relative * expected->std[j], "std");
    }
}

/* What was set comes out, to the precision of the network; removed, it is gone. */
DTYPE_TEST(it_goes_in_and_out)
{
    static const struct standardization none = {{0}, {1, 1, 1, 1, 1}};
    mlpbn_network *network = setup_default(dtype).network;
    const struct snapshot before = snapshot_take(network);
    assert_standardization(network, &none, 0, 0);
    OK(set(network, &usual));
    /* 1 / std may be what is kept: two roundings */
    assert_standardization(network, &usual, 2 * api_epsilon(dtype), 0);
    OK(mlpbn_network_set_standardization(network, NULL, NULL, 0));
    snapshot_assert(&before, network, "standardization set and removed");
}

/* (x - mean) / std before the first layer, in training and in prediction. */
DTYPE_TEST(it_comes_before_the_first_layer)
{
    const struct setup s = setup_default(dtype);
    OK(set(s.network, &usual));
    /* Column 3 becomes as large as 11.71 / 0.0731 = 160. */
    const double tolerance = 160 * reference_tolerance(s.network);
    const double *y = setup_predict(&s);
    api_assert_close_arrays(y, reference_run(s.network, &s.rows, REFERENCE_PREDICT).y,
                            tolerance * api_largest(y), "y");
    /* Batchnorm divides by a deviation that may be as small as the data's own times W. */
    api_assert_close_arrays(setup_forward(&s),
                            reference_run(s.network, &s.rows, REFERENCE_TRAIN).y,
                            16 * tolerance, "y in training");
}

/* A deviation of 10^-6 of the mean, which no float is equal to: y is the standardized x,
 * to the precision of the network. */
static void check_precision(mlpbn_dtype network_dtype, mlpbn_dtype dtype, double mean,
                            double std, double step)
{
    enum { ROWS = 8 };
    const struct setup s = SETUP(dtype, ROWS, network_dtype, 1, {1}, .no_bias_mask = 1);
    double expected[ROWS];
    api_fill(s.network, 0, MLPBN_WEIGHT, 1);
    OK(mlpbn_network_set_standardization(s.network, &mean, &std, 1));
    for (size_t i = 0; i < ROWS; i++) {
        api_store(s.x, dtype, i, floor(mean) + step * (double)(i * i % 11));
        expected[i] = (api_load(s.x, dtype, i) - mean) / std;
    }
    /* 1 / std, the product and what is left of the mean are rounded; in double the mean
     * itself may be off by its epsilon, too. */
    api_assert_close(setup_predict(&s), expected, ROWS,
                     4 * api_epsilon(network_dtype) * api_max_abs(expected, ROWS) +
                         4 * DBL_EPSILON * mean / std,
                     "y");
}

DTYPE_TEST(a_large_mean_costs_no_digits)
{
    check_precision(dtype, MLPBN_F64, 1000.0123456789, 0.000731, 0.00111);
    check_precision(dtype, MLPBN_F32, 1000.0123456789, 0.000731, 0.00390625);
    check_precision(dtype, MLPBN_U8, 127.3456789, 0.0000731, 1);
}

/* --- fit ---------------------------------------------------------------------------- */

static struct standardization expect_fit(const mlpbn_rows *rows)
{
    const double *x = data_x(rows);
    struct standardization s;
    for (size_t j = 0; j < SETUP_INPUTS; j++) {
        double sum = 0, squares = 0;
        for (size_t i = 0; i < rows->n; i++)
            sum += x[i * SETUP_INPUTS + j];
        s.mean[j] = sum / (double)rows->n;
        for (size_t i = 0; i < rows->n; i++)
            squares += pow(x[i * SETUP_INPUTS + j] - s.mean[j], 2);
        s.std[j] = sqrt(squares / (double)(rows->n - 1));
    }
    return s;
}

/* Of all dtypes, and many more rows than the workspace takes; with a column without variance,
 * of a number whose sum is not exact either; then with stride and index. */
DTYPE_TEST(fit_finds_mean_and_deviation)
{
    static const mlpbn_dtype dtypes[] = {MLPBN_U8, MLPBN_F32, MLPBN_F64, MLPBN_F64,
                                         MLPBN_F64};
    static const size_t index[] = {19, 3, 3, 0, 7, 11};
    mlpbn_network *network = setup_default(dtype).network;
    for (size_t d = 0; d < LENGTH(dtypes); d++) {
        const size_t gap = d == 4 ? 2 : 0;
        const struct data data =
            data_make(dtypes[d], 203, SETUP_INPUTS + gap, SETUP_OUTPUTS, 31 + d);
        mlpbn_rows rows = data.rows;
        for (size_t r = 0; d == 3 && r < 203; r++)
            api_store(data.x, MLPBN_F64, r * SETUP_INPUTS + 2, 0.1);
        if (gap) {
            rows.columns = SETUP_INPUTS;
            rows.stride = SETUP_INPUTS + gap;
            data_set_index(&rows, index, LENGTH(index), 20);
        }
        struct standardization expected = expect_fit(&rows);
        if (d == 3)
            expected.std[2] = 1;
        OK(mlpbn_network_fit_standardization(network, &rows));
        /* Sums in double, kept in the network's dtype. */
        assert_standardization(network, &expected,
                               2 * api_epsilon(dtype) + (double)rows.n * DBL_EPSILON, 1);
        const struct standardization got = get(network);
        ck_assert_int_eq(got.std[2] == 1, d == 3);
        ck_assert(got.std[1] != 1);
        api_assert_near(d == 3 ? got.mean[2] : 0.1, 0.1, api_epsilon(dtype), "mean");
    }
}

/* Two passes: an offset of 10^8 spreads costs no digits of the spread. */
TEST(fit_survives_a_large_offset)
{
    mlpbn_network *network = setup_default(MLPBN_F64).network;
    const struct data data = data_make(MLPBN_F64, 101, SETUP_INPUTS, SETUP_OUTPUTS, 37);
    for (size_t i = 0; i < 101 * SETUP_INPUTS; i++)
        api_store(data.x, MLPBN_F64, i, 1e8 + api_load(data.x, MLPBN_F64, i));
    const struct standardization expected = expect_fit(&data.rows);
    OK(mlpbn_network_fit_standardization(network, &data.rows));
    /* The mean is off by an epsilon of 10^8, which enters the variance squared; what the
     * rows have lost they have lost for both. */
    api_assert_close(get(network).std, expected.std, SETUP_INPUTS, 1e-9, "std");
}

/* A fit of one column of doubles by these weights, or NULL. */
static mlpbn_status fit_column(mlpbn_network *network, const double *x,
                               const double *weights, size_t n)
{
    mlpbn_rows rows = MLPBN_ROWS_INIT(x, MLPBN_F64, n, 1);
    rows.weights = weights;
    return mlpbn_network_fit_standardization(network, &rows);
}

/* Columns of two values, which alternate; and whether they are constant by the rule of
 * scikit-learn, var <= n eps var + (n mean eps)^2. */
static const struct {
    double a, b;
    size_t n;
    enum { CONSTANT, VARIES, TOO_SMALL } is;
} near_constant[] = {
    {0.3, 0.1 + 0.2, 1000, CONSTANT},
    {0.3, 0.1 + 0.2, 2, CONSTANT},
    {-1e200, -1e200 * (1 + 2 * DBL_EPSILON), 100, CONSTANT},
    {1e8, 1e8 + 1e-6, 1000, CONSTANT},
    {1e8, 1e8 + 6e-5, 1000, VARIES}, /* std 3e-5, n eps mean 2.2e-5 */
    {0.3, 0.3 + 1e-12, 1000, VARIES},
    {2.385e-310, 3.385e-310, 4, TOO_SMALL}, /* 1 / std overflows */
    {1e308, 1.05e308, 1000, VARIES},        /* the sum of differences overflows */
};

LOOP_TEST(a_column_that_is_constant_up_to_rounding, LENGTH(near_constant))
{
    enum { MAX = 1000 };
    mlpbn_network *network = NETWORK(MLPBN_F64, 1, {1});
    const size_t n = near_constant[_i].n;
    const double a = near_constant[_i].a, b = near_constant[_i].b;
    double x[MAX], mean = 0, std = 0;
    for (size_t i = 0; i < n; i++)
        x[i] = i % 2 ? b : a;
    if (near_constant[_i].is == TOO_SMALL) {
        NONFINITE("column 0|std", fit_column(network, x, NULL, n));
        return;
    }
    OK(fit_column(network, x, NULL, n));
    OK(mlpbn_network_get_standardization(network, &mean, &std, 1));
    const long double half = fabsl((long double)b - (long double)a) / 2,
                      expected = half * sqrtl((long double)n / (long double)(n - 1));
    api_assert_near(mean, a / 2 + b / 2, DBL_EPSILON * fabs(a), "mean");
    if (near_constant[_i].is == CONSTANT)
        ck_assert(std == 1);
    else
        /* The rounding error of the mean enters the variance squared. */
        api_assert_near(std, (double)expected,
                        (1e-12 + pow(DBL_EPSILON * fabs(a) / (double)half, 2)) *
                            (double)expected,
                        "std");
}

/* In f32, too, doubles are (x - mean) / std, however close to each other. */
DTYPE_TEST(doubles_are_centered_by_the_whole_mean)
{
    const double mean = 0.3, std = 2.385e-16, x[] = {0.3, 0.1 + 0.2, 0.31};
    const mlpbn_rows rows = MLPBN_ROWS_INIT(x, MLPBN_F64, 3, 1);
    mlpbn_network *network = NETWORK(dtype, 1, {1}, .no_bias_mask = 1);
    api_fill(network, 0, MLPBN_WEIGHT, 1);
    OK(mlpbn_network_set_standardization(network, &mean, &std, 1));
    const double *y = api_outputs(network, &rows);
    for (size_t i = 0; i < 3; i++) {
        const double expected =
            (double)(((long double)x[i] - (long double)mean) / (long double)std);
        api_assert_near(y[i], expected, 4 * api_epsilon(dtype) * fabs(expected), "y");
    }
}

/* The formula of the header in long double. Weights that count rows give the same mean as
 * repeated rows; a common factor and rows of weight 0 change nothing. */
TEST(fit_uses_the_weights_of_rows)
{
    static const double x[] = {1e300, 0.731, 2.385, -1.17, 2.385, 5.3, -1e300};
    static const double weights[] = {0, 1, 3, 0.25, 0.5, 2, 0};
    static const double factors[] = {1, 2.385e-300, 2.385e300};
    mlpbn_network *network = NETWORK(MLPBN_F64, 1, {1});
    long double sum = 0, mean = 0, squares = 0;
    for (size_t i = 0; i < LENGTH(x); i++) {
        sum += (long double)weights[i];
        mean += (long double)weights[i] * (long double)x[i];
    }
    mean /= sum;
    for (size_t i = 0; i < LENGTH(x); i++)
        squares += (long double)weights[i] * ((long double)x[i] - mean) *
                   ((long double)x[i] - mean);
    for (size_t f = 0; f < LENGTH(factors); f++) {
        double scaled[LENGTH(x)], got_mean = 0, got_std = 0;
        for (size_t i = 0; i < LENGTH(x); i++)
            scaled[i] = factors[f] * weights[i];
        OK(fit_column(network, x, scaled, LENGTH(x)));
        OK(mlpbn_network_get_standardization(network, &got_mean, &got_std, 1));
        api_assert_near(got_mean, (double)mean, 1e-15, "mean");
        api_assert_near(got_std, (double)sqrtl(squares / sum * 5 / 4), 1e-14, "std");
    }
}

/* By an index, too: the text names the row of the arrays. */
TEST(fit_refuses_weights_that_mean_nothing)
{
    static const double x[] = {0.731, 2.385, -1.17};
    static const double bad[] = {-1, API_NAN, HUGE_VAL, -HUGE_VAL};
    static const size_t index[] = {0, 2, 1};
    mlpbn_network *network = NETWORK(MLPBN_F64, 1, {1});
    mlpbn_rows rows = MLPBN_ROWS_INIT(x, MLPBN_F64, 3, 1);
    double weights[] = {1, 0, 0};
    const struct snapshot before = snapshot_take(network);
    rows.weights = weights;
    FAILS(MLPBN_EBATCH, "2 rows|1", mlpbn_network_fit_standardization(network, &rows));
    rows.n_data = 3;
    rows.index = index;
    for (size_t i = 0; i < LENGTH(bad); i++) {
        weights[2] = bad[i];
        INVALID("weights|2", mlpbn_network_fit_standardization(network, &rows));
    }
    snapshot_assert(&before, network, "fit");
}

/* What is finite, but not as float, is not called infinite. */
TEST(numbers_that_only_a_double_holds_are_named)
{
    const double x[] = {1e300, 1e300}, std = 1;
    mlpbn_network *network = NETWORK(MLPBN_F32, 1, {1});
    NONFINITE("column 0|mean|1e+300|float", fit_column(network, x, NULL, 2));
    NONFINITE("column 0|mean|1e+300|float",
              mlpbn_network_set_standardization(network, x, &std, 1));
    mlpbn_rows rows = MLPBN_ROWS_INIT(&std, MLPBN_F64, 1, 1);
    data_set_targets(&rows, x, MLPBN_F64, 1);
    NONFINITE(
        "targets|1e+300|float",
        mlpbn_gradient(network, api_workspace(network, 1, 1), &rows, &api_squares, NULL));
}

/* --- Errors ------------------------------------------------------------------------- */

static const struct {
    size_t at;
    double mean, std;
    mlpbn_status status;
    const char *words;
    int in_f32_only; /* in f64 it is right, and stays finite */
} bad_values[] = {
    {3, 0.5, 0, MLPBN_EINVAL, "std|3|0", 0},
    {0, 0.5, -0.0385, MLPBN_EINVAL, "std|0|-0.0385", 0},
    {4, API_NAN, 1.385, MLPBN_ENONFINITE, "mean|4|nan", 0},
    {2, -HUGE_VAL, 1.385, MLPBN_ENONFINITE, "mean|2|inf", 0},
    {4, 0.5, API_NAN, MLPBN_ENONFINITE, "std|4|nan", 0},
    {1, 0.5, HUGE_VAL, MLPBN_ENONFINITE, "std|1|inf", 0},
    /* 1 / std overflows in double too; in float it is infinite or 0 */
    {1, 0.5, 1e-320, MLPBN_ENONFINITE, "std|1", 0},
    {3, 0.5, 2.385e-41, MLPBN_ENONFINITE, "std|3", 1},
    {3, 0.5, 2.385e57, MLPBN_ENONFINITE, "std|3", 1},
    {3, 2.385e57, 1.385, MLPBN_ENONFINITE, "mean|3", 1},
};

LOOP_DTYPE_TEST(set_refuses_values_out_of_range, LENGTH(bad_values))
{
    const size_t at = bad_values[_i].at;
    mlpbn_network *network = setup_default(dtype).network;
    struct standardization s = usual;
    OK(set(network, &usual));
    const struct snapshot before = snapshot_take(network);
    s.mean[at] = bad_values[_i].mean;
    s.std[at] = bad_values[_i].std;
    if (dtype == MLPBN_F32 || !bad_values[_i].in_f32_only) {
        FAILS(bad_values[_i].status, bad_values[_i].words, set(network, &s));
        snapshot_assert(&before, network, "set_standardization");
    } else {
        OK(set(network, &s));
    }
    ck_assert(isfinite(get(network).mean[at]));
}

/* Views that are wrong are in test_rows.c. */
DTYPE_TEST(set_get_and_fit_refuse_bad_arguments)
{
    static const double not_finite[] = {API_NAN, HUGE_VAL, -HUGE_VAL};
    const struct setup s = setup_default(dtype);
    mlpbn_network *network = s.network;
    double mean[SETUP_INPUTS] = {2.385}, std[SETUP_INPUTS] = {2.385};
    const size_t n = SETUP_INPUTS;
    OK(set(network, &usual));
    const struct snapshot before = snapshot_take(network);
    INVALID("network|NULL", mlpbn_network_set_standardization(NULL, mean, std, n));
    INVALID("mean|NULL", mlpbn_network_set_standardization(network, NULL, std, n));
    INVALID("std|NULL", mlpbn_network_set_standardization(network, mean, NULL, n));
    BAD_SHAPE("4|5", mlpbn_network_set_standardization(network, mean, std, 4));
    BAD_SHAPE("0|5", mlpbn_network_set_standardization(network, mean, std, 0));
    INVALID("network|NULL", mlpbn_network_get_standardization(NULL, mean, std, n));
    INVALID("mean|NULL", mlpbn_network_get_standardization(network, NULL, std, n));
    INVALID("std|NULL", mlpbn_network_get_standardization(network, mean, NULL, n));
    BAD_SHAPE("4|5", mlpbn_network_get_standardization(network, mean, std, 4));
    ck_assert(mean[0] == (double)2.385 && std[0] == (double)2.385);
    for (size_t i = 0; i < LENGTH(not_finite); i++) {
        api_store(s.x, dtype, 4 * SETUP_INPUTS + 3, not_finite[i]);
        NONFINITE(i ? "4|3|inf" : "4|3|nan",
                  mlpbn_network_fit_standardization(network, &s.rows));
    }
    snapshot_assert(&before, network, "set_standardization");
}

/* A column whose deviation is no number of the network's dtype, or whose reciprocal is
 * not: refused, or usable afterwards; never an infinity that waits. */
DTYPE_TEST(fit_of_extreme_columns_fails_or_works)
{
    static const double sizes[] = {2.385e-41, 2.385e-310, 1.7e308, 2.385e57};
    struct setup s = setup_default(dtype);
    const struct snapshot before = snapshot_take(s.network);
    const struct data data =
        data_make(MLPBN_F64, SETUP_ROWS, SETUP_INPUTS, SETUP_OUTPUTS, 37);
    s.rows = data.rows;
    for (size_t i = 0; i < LENGTH(sizes); i++) {
        for (size_t r = 0; r < SETUP_ROWS; r++)
            api_store(data.x, MLPBN_F64, r * SETUP_INPUTS + 3,
                      sizes[i] * (r % 2 ? 1 : -1));
        const mlpbn_status status = mlpbn_network_fit_standardization(s.network, &s.rows);
        const struct standardization got = get(s.network);
        ck_assert(isfinite(got.mean[3]) && isfinite(got.std[3]) && got.std[3] > 0);
        if (status) {
            ck_assert_int_eq(status, MLPBN_ENONFINITE);
            snapshot_assert(&before, s.network, "fit");
        } else {
            OK(mlpbn_gradient(s.network, s.workspace, &s.rows, NULL, NULL));
            OK(mlpbn_network_set_standardization(s.network, NULL, NULL, 0));
        }
    }
}
