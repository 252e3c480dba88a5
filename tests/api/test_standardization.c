/* Input standardization: set, fit, get, and what it does to inputs. */
#include "api_reference.h"

#include <stdlib.h>
#include <string.h>

static const double means[WORLD_INPUTS] = {0.731, -2.385, 0.0173, 11.71, -0.5};
static const double stds[WORLD_INPUTS] = {1.385, 0.271, 2.5, 0.0731, 7.17};

static void get(const mlpbn_network *network, double *mean, double *std)
{
    OK(mlpbn_network_get_standardization(network, mean, std, WORLD_INPUTS));
}

START_TEST(without_it_there_are_zeros_and_ones)
{
    struct world world;
    double mean[WORLD_INPUTS], std[WORLD_INPUTS];

    world_make(&world, api_dtypes[_i]);
    get(world.network, mean, std);
    for (size_t j = 0; j < WORLD_INPUTS; j++)
        ck_assert(mean[j] == 0 && std[j] == 1);
    world_free(&world);
}
END_TEST

/* What was set comes out, to the precision of the network; removed, it is gone. */
START_TEST(it_goes_in_and_out)
{
    struct world world;
    double mean[WORLD_INPUTS], std[WORLD_INPUTS];

    world_make(&world, api_dtypes[_i]);
    struct snapshot before = snapshot_take(world.network);
    OK(mlpbn_network_set_standardization(world.network, means, stds, WORLD_INPUTS));
    get(world.network, mean, std);
    for (size_t j = 0; j < WORLD_INPUTS; j++) {
        /* 1 / std may be what is kept: two roundings */
        const double relative = 2 * api_epsilon(api_dtypes[_i]);
        api_assert_near(mean[j], means[j], relative * fabs(means[j]), "mean");
        api_assert_near(std[j], stds[j], relative * stds[j], "std");
    }
    OK(mlpbn_network_set_standardization(world.network, NULL, NULL, 0));
    snapshot_assert(&before, world.network, "standardization set and removed");
    snapshot_free(&before);
    world_free(&world);
}
END_TEST

/* (x - mean) / std before the first layer, in training and in prediction. */
START_TEST(it_comes_before_the_first_layer)
{
    struct world world;
    double y[WORLD_ROWS * WORLD_OUTPUTS] = {0};

    world_make(&world, api_dtypes[_i]);
    OK(mlpbn_network_set_standardization(world.network, means, stds, WORLD_INPUTS));
    const mlpbn_rows *rows = &world.data.rows;
    struct reference predicted = reference_run(world.network, rows, REFERENCE_PREDICT);
    struct reference trained = reference_run(world.network, rows, REFERENCE_TRAIN);
    /* Column 3 becomes as large as 11.71 / 0.0731 = 160. */
    const double tolerance = 160 * reference_tolerance(world.network);

    OK(api_predict(world.network, world.workspace, rows, y));
    api_assert_close(y, predicted.y, LENGTH(y), tolerance * api_largest(y, LENGTH(y)),
                     "y");
    OK(api_forward(world.network, world.workspace, rows, y));
    /* Batchnorm divides by a deviation that may be as small as the data's own times W. */
    api_assert_close(y, trained.y, LENGTH(y), 16 * tolerance, "y in training");
    reference_free(&predicted);
    reference_free(&trained);
    world_free(&world);
}
END_TEST

/* A deviation of 10^-6 of the mean, which no float is equal to: y is the standardized x,
 * to the precision of the network. */
static void check_precision(mlpbn_dtype network_dtype, mlpbn_dtype dtype, double mean,
                            double std, double step)
{
    enum { ROWS = 8 };
    const struct recipe recipe = {
        .dtype = network_dtype, .inputs = 1, .units = {1}, .no_bias = 1};
    mlpbn_network *network = api_network(&recipe);
    mlpbn_workspace *workspace = api_workspace(network, ROWS, 1);
    struct data data;
    double y[ROWS] = {0}, expected[ROWS];

    api_fill(network, 0, MLPBN_WEIGHT, 1);
    OK(mlpbn_network_set_standardization(network, &mean, &std, 1));
    data_make(&data, dtype, ROWS, 1, 1, 3);
    for (size_t i = 0; i < ROWS; i++) {
        api_store(data.x, dtype, i, floor(mean) + step * (double)(i * i % 11));
        expected[i] = (api_load(data.x, dtype, i) - mean) / std;
    }
    OK(api_predict(network, workspace, &data.rows, y));
    /* 1 / std, the product and what is left of the mean are rounded; in double the mean
     * itself may be off by its epsilon, too. */
    api_assert_close(y, expected, ROWS,
                     4 * api_epsilon(network_dtype) * api_largest(expected, ROWS) +
                         4 * api_epsilon(MLPBN_F64) * mean / std,
                     "y");
    data_free(&data);
    mlpbn_workspace_destroy(workspace);
    mlpbn_network_destroy(network);
}

START_TEST(a_large_mean_costs_no_digits)
{
    check_precision(api_dtypes[_i], MLPBN_F64, 1000.0123456789, 0.000731, 0.00111);
    check_precision(api_dtypes[_i], MLPBN_F32, 1000.0123456789, 0.000731, 0.00390625);
    check_precision(api_dtypes[_i], MLPBN_U8, 127.3456789, 0.0000731, 1);
}
END_TEST

/* --- fit ---------------------------------------------------------------------------- */

static void expect_fit(const mlpbn_rows *rows, double *mean, double *std)
{
    double *x = data_x(rows);
    const size_t n = rows->n, columns = rows->columns;
    for (size_t j = 0; j < columns; j++) {
        double sum = 0, squares = 0;
        for (size_t i = 0; i < n; i++)
            sum += x[i * columns + j];
        mean[j] = sum / (double)n;
        for (size_t i = 0; i < n; i++)
            squares += (x[i * columns + j] - mean[j]) * (x[i * columns + j] - mean[j]);
        std[j] = sqrt(squares / (double)(n - 1));
        if (squares == 0)
            std[j] = 1;
    }
    free(x);
}

static void check_fit(mlpbn_network *network, const mlpbn_rows *rows)
{
    double mean[WORLD_INPUTS], std[WORLD_INPUTS], fitted[WORLD_INPUTS],
        spread[WORLD_INPUTS];
    /* Sums in double, kept in the network's dtype. */
    const double relative = 2 * api_epsilon(mlpbn_network_dtype(network)) +
                            (double)rows->n * api_epsilon(MLPBN_F64);

    expect_fit(rows, mean, std);
    OK(mlpbn_network_fit_standardization(network, rows));
    get(network, fitted, spread);
    for (size_t j = 0; j < WORLD_INPUTS; j++) {
        api_assert_near(fitted[j], mean[j], relative * (fabs(mean[j]) + std[j]), "mean");
        api_assert_near(spread[j], std[j], relative * std[j], "std");
    }
}

START_TEST(fit_finds_mean_and_deviation)
{
    static const mlpbn_dtype dtypes[] = {MLPBN_U8, MLPBN_F32, MLPBN_F64};
    struct world world;

    world_make(&world, api_dtypes[_i]);
    for (size_t d = 0; d < LENGTH(dtypes); d++) {
        struct data data; /* many more rows than the workspace takes */
        data_make(&data, dtypes[d], 203, WORLD_INPUTS, WORLD_OUTPUTS, 31 + d);
        check_fit(world.network, &data.rows);
        data_free(&data);
    }
    world_free(&world);
}
END_TEST

START_TEST(fit_takes_strides_and_indices)
{
    static const size_t index[] = {19, 3, 3, 0, 7, 11};
    struct world world;
    struct data data;

    world_make(&world, api_dtypes[_i]);
    data_make(&data, MLPBN_F64, 20, WORLD_INPUTS + 2, WORLD_OUTPUTS, 37);
    data.rows.columns = WORLD_INPUTS;
    data.rows.stride = WORLD_INPUTS + 2;
    data.rows.n = LENGTH(index);
    data.rows.n_data = 20;
    data.rows.index = index;
    check_fit(world.network, &data.rows);
    data_free(&data);
    world_free(&world);
}
END_TEST

/* A column without variance, of a number whose sum is not exact either. */
START_TEST(fit_gives_a_constant_column_std_1)
{
    struct world world;
    struct data data;
    double mean[WORLD_INPUTS], std[WORLD_INPUTS];

    world_make(&world, api_dtypes[_i]);
    data_make(&data, MLPBN_F64, 203, WORLD_INPUTS, WORLD_OUTPUTS, 37);
    for (size_t r = 0; r < 203; r++)
        api_store(data.x, MLPBN_F64, r * WORLD_INPUTS + 2, 0.1);
    OK(mlpbn_network_fit_standardization(world.network, &data.rows));
    get(world.network, mean, std);
    ck_assert_msg(std[2] == 1, "std of a constant column: %.17g", std[2]);
    api_assert_near(mean[2], 0.1, api_epsilon(api_dtypes[_i]), "mean");
    ck_assert(std[1] != 1);
    data_free(&data);
    world_free(&world);
}
END_TEST

/* Two passes: an offset of 10^8 spreads costs no digits of the spread. */
START_TEST(fit_survives_a_large_offset)
{
    struct world world;
    struct data data;
    double mean[WORLD_INPUTS], std[WORLD_INPUTS], fitted[WORLD_INPUTS],
        spread[WORLD_INPUTS];

    world_make(&world, MLPBN_F64);
    data_make(&data, MLPBN_F64, 101, WORLD_INPUTS, WORLD_OUTPUTS, 37);
    for (size_t i = 0; i < 101 * WORLD_INPUTS; i++)
        api_store(data.x, MLPBN_F64, i, 1e8 + api_load(data.x, MLPBN_F64, i));
    expect_fit(&data.rows, mean, std);
    OK(mlpbn_network_fit_standardization(world.network, &data.rows));
    get(world.network, fitted, spread);
    /* The mean is off by an epsilon of 10^8, which enters the variance squared; what the
     * rows have lost they have lost for both. */
    for (size_t j = 0; j < WORLD_INPUTS; j++)
        api_assert_near(spread[j], std[j], 1e-9, "std");
    data_free(&data);
    world_free(&world);
}
END_TEST

/* --- Errors ------------------------------------------------------------------------- */

static const struct {
    size_t at;
    double mean, std;
    mlpbn_status status;
    const char *words;
} bad_values[] = {
    {3, 0.5, 0, MLPBN_EINVAL, "std|3|0"},
    {0, 0.5, -0.0385, MLPBN_EINVAL, "std|0|-0.0385"},
    {4, API_NAN, 1.385, MLPBN_ENONFINITE, "mean|4|nan"},
    {2, -HUGE_VAL, 1.385, MLPBN_ENONFINITE, "mean|2|inf"},
    {4, 0.5, API_NAN, MLPBN_ENONFINITE, "std|4|nan"},
    {1, 0.5, HUGE_VAL, MLPBN_ENONFINITE, "std|1|inf"},
    {1, 0.5, 1e-320, MLPBN_ENONFINITE, "std|1"}, /* 1 / std overflows in double too */
};

START_TEST(set_refuses_what_cannot_be)
{
    struct world world;
    world_make(&world, api_dtypes[_i]);
    mlpbn_network *network = world.network;
    OK(mlpbn_network_set_standardization(network, means, stds, WORLD_INPUTS));
    struct snapshot before = snapshot_take(network);

    for (size_t i = 0; i < LENGTH(bad_values); i++) {
        double mean[WORLD_INPUTS], std[WORLD_INPUTS];
        memcpy(mean, means, sizeof mean);
        memcpy(std, stds, sizeof std);
        mean[bad_values[i].at] = bad_values[i].mean;
        std[bad_values[i].at] = bad_values[i].std;
        FAILS(bad_values[i].status, bad_values[i].words,
              mlpbn_network_set_standardization(network, mean, std, WORLD_INPUTS));
    }
    FAILS(MLPBN_EINVAL, "network|NULL",
          mlpbn_network_set_standardization(NULL, means, stds, WORLD_INPUTS));
    FAILS(MLPBN_EINVAL, "mean|NULL",
          mlpbn_network_set_standardization(network, NULL, stds, WORLD_INPUTS));
    FAILS(MLPBN_EINVAL, "std|NULL",
          mlpbn_network_set_standardization(network, means, NULL, WORLD_INPUTS));
    FAILS(MLPBN_ESHAPE, "4|5",
          mlpbn_network_set_standardization(network, means, stds, 4));
    FAILS(MLPBN_ESHAPE, "0|5",
          mlpbn_network_set_standardization(network, means, stds, 0));
    snapshot_assert(&before, network, "set_standardization");
    snapshot_free(&before);
    world_free(&world);
}
END_TEST

/* 1 / std fits a double, but in float it is infinite or 0. */
START_TEST(a_std_may_fit_one_dtype_only)
{
    static const double values[] = {2.385e-41, 2.385e57};
    struct world world;
    double std[WORLD_INPUTS];

    world_make(&world, api_dtypes[_i]);
    memcpy(std, stds, sizeof std);
    for (size_t i = 0; i < LENGTH(values); i++) {
        std[3] = values[i];
        if (api_dtypes[_i] == MLPBN_F32)
            FAILS(MLPBN_ENONFINITE, "std|3",
                  mlpbn_network_set_standardization(world.network, means, std,
                                                    WORLD_INPUTS));
        else
            OK(mlpbn_network_set_standardization(world.network, means, std,
                                                 WORLD_INPUTS));
    }
    world_free(&world);
}
END_TEST

/* Whatever becomes of a mean that only a double holds: never an infinity in the
 * network. */
START_TEST(a_mean_may_fit_one_dtype_only)
{
    struct world world;
    double mean[WORLD_INPUTS], std[WORLD_INPUTS];

    world_make(&world, api_dtypes[_i]);
    memcpy(mean, means, sizeof mean);
    mean[3] = 2.385e57;
    if (api_dtypes[_i] == MLPBN_F32)
        FAILS(MLPBN_ENONFINITE, "mean|3",
              mlpbn_network_set_standardization(world.network, mean, stds, WORLD_INPUTS));
    else
        OK(mlpbn_network_set_standardization(world.network, mean, stds, WORLD_INPUTS));
    get(world.network, mean, std);
    ck_assert(isfinite(mean[3]));
    world_free(&world);
}
END_TEST

START_TEST(get_refuses_what_cannot_be)
{
    struct world world;
    double mean[WORLD_INPUTS] = {2.385}, std[WORLD_INPUTS] = {2.385};

    world_make(&world, api_dtypes[_i]);
    FAILS(MLPBN_EINVAL, "network|NULL",
          mlpbn_network_get_standardization(NULL, mean, std, WORLD_INPUTS));
    FAILS(MLPBN_EINVAL, "mean|NULL",
          mlpbn_network_get_standardization(world.network, NULL, std, WORLD_INPUTS));
    FAILS(MLPBN_EINVAL, "std|NULL",
          mlpbn_network_get_standardization(world.network, mean, NULL, WORLD_INPUTS));
    FAILS(MLPBN_ESHAPE, "4|5",
          mlpbn_network_get_standardization(world.network, mean, std, 4));
    ck_assert(mean[0] == 2.385 && std[0] == 2.385);
    world_free(&world);
}
END_TEST

/* Views that are wrong are in test_rows.c. */
START_TEST(fit_refuses_what_cannot_be)
{
    static const double values[] = {API_NAN, HUGE_VAL, -HUGE_VAL};
    struct world world;

    world_make(&world, api_dtypes[_i]);
    OK(mlpbn_network_set_standardization(world.network, means, stds, WORLD_INPUTS));
    struct snapshot before = snapshot_take(world.network);
    FAILS(MLPBN_EINVAL, "network|NULL",
          mlpbn_network_fit_standardization(NULL, &world.data.rows));
    FAILS(MLPBN_EINVAL, "rows|NULL",
          mlpbn_network_fit_standardization(world.network, NULL));
    for (size_t i = 0; i < LENGTH(values); i++) {
        api_store(world.data.x, api_dtypes[_i], 4 * WORLD_INPUTS + 3, values[i]);
        FAILS(MLPBN_ENONFINITE, i ? "4|3|inf" : "4|3|nan",
              mlpbn_network_fit_standardization(world.network, &world.data.rows));
    }
    snapshot_assert(&before, world.network, "fit_standardization");
    snapshot_free(&before);
    world_free(&world);
}
END_TEST

/* A column whose deviation is no number of the network's dtype, or whose reciprocal is
 * not: refused, or usable afterwards; never an infinity that waits. */
START_TEST(fit_of_extreme_columns_fails_or_works)
{
    static const double sizes[] = {2.385e-41, 2.385e-310, 1.7e308, 2.385e57};
    struct world world;
    struct data data;

    world_make(&world, api_dtypes[_i]);
    struct snapshot before = snapshot_take(world.network);
    data_make(&data, MLPBN_F64, WORLD_ROWS, WORLD_INPUTS, WORLD_OUTPUTS, 37);
    for (size_t i = 0; i < LENGTH(sizes); i++) {
        double mean[WORLD_INPUTS], std[WORLD_INPUTS];
        for (size_t r = 0; r < WORLD_ROWS; r++)
            api_store(data.x, MLPBN_F64, r * WORLD_INPUTS + 3,
                      sizes[i] * (r % 2 ? 1 : -1));
        const mlpbn_status status =
            mlpbn_network_fit_standardization(world.network, &data.rows);
        get(world.network, mean, std);
        ck_assert(isfinite(mean[3]) && isfinite(std[3]) && std[3] > 0);
        if (status) {
            ck_assert_int_eq(status, MLPBN_ENONFINITE);
            snapshot_assert(&before, world.network, "fit");
        } else {
            OK(mlpbn_gradient(world.network, world.workspace, &data.rows, NULL, NULL));
            OK(mlpbn_network_set_standardization(world.network, NULL, NULL, 0));
        }
    }
    snapshot_free(&before);
    data_free(&data);
    world_free(&world);
}
END_TEST

Suite *standardization_suite(void)
{
    TCase *tests;
    Suite *suite = api_suite("standardization", &tests);
    tcase_add_loop_test(tests, without_it_there_are_zeros_and_ones, 0, N_DTYPES);
    tcase_add_loop_test(tests, it_goes_in_and_out, 0, N_DTYPES);
    tcase_add_loop_test(tests, it_comes_before_the_first_layer, 0, N_DTYPES);
    tcase_add_loop_test(tests, a_large_mean_costs_no_digits, 0, N_DTYPES);
    tcase_add_loop_test(tests, fit_finds_mean_and_deviation, 0, N_DTYPES);
    tcase_add_loop_test(tests, fit_takes_strides_and_indices, 0, N_DTYPES);
    tcase_add_loop_test(tests, fit_gives_a_constant_column_std_1, 0, N_DTYPES);
    tcase_add_test(tests, fit_survives_a_large_offset);
    tcase_add_loop_test(tests, set_refuses_what_cannot_be, 0, N_DTYPES);
    tcase_add_loop_test(tests, a_std_may_fit_one_dtype_only, 0, N_DTYPES);
    tcase_add_loop_test(tests, a_mean_may_fit_one_dtype_only, 0, N_DTYPES);
    tcase_add_loop_test(tests, get_refuses_what_cannot_be, 0, N_DTYPES);
    tcase_add_loop_test(tests, fit_refuses_what_cannot_be, 0, N_DTYPES);
    tcase_add_loop_test(tests, fit_of_extreme_columns_fails_or_works, 0, N_DTYPES);
    return suite;
}
