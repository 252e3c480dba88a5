/* The gradient check: it passes what is right, over everything that can be combined, says
 * what it found, and changes nothing. */
#include "api_helpers.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static mlpbn_gradcheck_report *checked(const mlpbn_network *network,
                                       const mlpbn_rows *rows,
                                       const mlpbn_loss_options *loss,
                                       const mlpbn_gradcheck_options *options)
{
    mlpbn_gradcheck_report *report;
    OK(mlpbn_gradcheck(&report, network, rows, loss, options));
    return report;
}

static mlpbn_gradcheck_result result_of(const mlpbn_gradcheck_report *report,
                                        size_t index)
{
    mlpbn_gradcheck_result result = MLPBN_GRADCHECK_RESULT_INIT;
    OK(mlpbn_gradcheck_get(&result, report, index));
    return result;
}

static void assert_passed(const mlpbn_gradcheck_report *report, const char *name)
{
    for (size_t i = 0; i < mlpbn_gradcheck_results(report); i++) {
        const mlpbn_gradcheck_result r = result_of(report, i);
        ck_assert_msg(r.passed, "%s: %s: error %g, skipped %zu of %zu; %.17g, %.17g",
                      name, r.name, r.relative_error, r.skipped, r.checked + r.skipped,
                      r.analytic, r.numeric);
    }
    ck_assert(mlpbn_gradcheck_passed(report));
}

/* --- Right gradients pass ----------------------------------------------------------- */

static const mlpbn_batchnorm_options after = {
    sizeof(mlpbn_batchnorm_options), 2.385e-5, 0.9, 0, 1, 1, 1, 0};

static const struct recipe shapes[] = {
    {.inputs = 5, .units = {3}},
    {.inputs = 7, .units = {9, 6, 3}, .batchnorm = 3, .no_bias = 1},
    {.inputs = 6, .units = {8, 3}, .hidden = MLPBN_LEAKY_RELU, .alpha = 0.385},
    {.inputs = 6, .units = {8, 3}, .hidden = MLPBN_ELU, .alpha = 1.385, .batchnorm = 1},
    {.inputs = 6, .units = {8, 3}, .hidden = MLPBN_SELU, .last = MLPBN_SOFTMAX},
    {.inputs = 6, .units = {8, 3}, .hidden = MLPBN_GELU, .last = MLPBN_SIGMOID},
    {.inputs = 6, .units = {8, 3}, .hidden = MLPBN_GELU_TANH, .last = MLPBN_TANH},
    {.inputs = 6, .units = {8, 3}, .hidden = MLPBN_SILU, .last = MLPBN_SOFTPLUS},
    {.inputs = 7, .units = {9, 6, 3}, .batchnorm = 3, .dropout = 0.2385},
    {.inputs = 6, .units = {8, 5, 3}, .hidden = MLPBN_TANH, .dropout = 0.385},
    {.inputs = 6, .units = {8, 3}, .hidden = MLPBN_GELU, .dropout = 0.385},
    {.inputs = 6,
     .units = {8, 5, 3},
     .batchnorm = 3,
     .batchnorm_options = &after,
     .hidden = MLPBN_SIGMOID,
     .dropout = 0.385},
};
enum { LOSSES = MLPBN_HUBER };

/* Shape _i / LOSSES, loss _i % LOSSES; rows of bytes, by an index, with weights. */
START_TEST(right_gradients_pass)
{
    enum { ROWS = 10, DATA = 13 };
    static const size_t index[ROWS] = {12, 3, 5, 0, 7, 8, 3, 1, 11, 6};
    const mlpbn_loss_options loss =
        api_loss_options((mlpbn_loss)(_i % LOSSES + 1), 0.0385);
    double *weights = api_numbers(DATA, 29, 0.713, 0.8385);
    for (size_t d = 0; d < N_DTYPES; d++) {
        struct recipe recipe = shapes[_i / LOSSES];
        struct data data;
        recipe.dtype = api_dtypes[d];
        mlpbn_network *network = api_network(&recipe);
        data_make(&data, MLPBN_U8, DATA, recipe.inputs, 3, 43);
        data_make_probabilities(&data);
        OK(mlpbn_network_fit_standardization(network, &data.rows));
        data.rows.index = index;
        data.rows.n = ROWS;
        data.rows.n_data = DATA;
        data.rows.weights = weights;
        struct snapshot before = snapshot_take(network);
        mlpbn_gradcheck_report *report = checked(network, &data.rows, &loss, NULL);
        assert_passed(report, d ? "f64" : "f32");
        snapshot_assert(&before, network, "network after a check");
        snapshot_free(&before);
        mlpbn_gradcheck_destroy(report);
        data_free(&data);
        mlpbn_network_destroy(network);
    }
    free(weights);
}
END_TEST

/* --- What it reports ---------------------------------------------------------------- */

START_TEST(there_is_a_result_for_each_tensor)
{
    struct world w;
    world_make(&w, api_dtypes[_i]);
    mlpbn_gradcheck_report *report = checked(w.network, &w.data.rows, NULL, NULL);
    size_t i = 0;
    for (size_t t = 0; t < mlpbn_network_tensors(w.network); t++) {
        const mlpbn_tensor tensor = api_describe(w.network, t);
        if (!tensor.is_parameter)
            continue;
        const mlpbn_gradcheck_result r = result_of(report, i++);
        ck_assert_str_eq(r.name, tensor.name);
        ck_assert_uint_eq(r.checked + r.skipped, tensor.rows * tensor.columns);
        ck_assert(r.row < tensor.rows && r.column < tensor.columns);
        ck_assert(r.absolute_error >= fabs(r.analytic - r.numeric));
    }
    const mlpbn_gradcheck_result x = result_of(report, i);
    ck_assert_str_eq(x.name, "x");
    ck_assert_uint_eq(x.checked + x.skipped, WORLD_ROWS * WORLD_INPUTS);
    ck_assert_uint_eq(mlpbn_gradcheck_results(report), i + 1);
    FAILS(MLPBN_EINVAL, "index",
          mlpbn_gradcheck_get(&(mlpbn_gradcheck_result)MLPBN_GRADCHECK_RESULT_INIT,
                              report, i + 1));
    mlpbn_gradcheck_destroy(report);

    mlpbn_gradcheck_options options = MLPBN_GRADCHECK_OPTIONS_INIT;
    options.inputs = 0;
    report = checked(w.network, &w.data.rows, NULL, &options);
    ck_assert_uint_eq(mlpbn_gradcheck_results(report), i);
    mlpbn_gradcheck_destroy(report);
    world_free(&w);
}
END_TEST

/* A tolerance that rounding alone exceeds: the same findings, another verdict. */
START_TEST(the_tolerance_decides)
{
    struct world w;
    mlpbn_gradcheck_options options = MLPBN_GRADCHECK_OPTIONS_INIT;
    world_make(&w, MLPBN_F32);
    options.tolerance = 2.385e-15;
    mlpbn_gradcheck_report *report = checked(w.network, &w.data.rows, NULL, &options);
    ck_assert(!mlpbn_gradcheck_passed(report));
    const mlpbn_gradcheck_result r = result_of(report, 0);
    ck_assert(!r.passed && r.relative_error > 2.385e-15 && r.relative_error < 1e-3);
    mlpbn_gradcheck_destroy(report);
    world_free(&w);
}
END_TEST

START_TEST(a_sample_is_drawn_by_its_seed)
{
    struct world w;
    size_t rows[3], columns[3];
    world_make(&w, MLPBN_F64);
    for (uint64_t seed = 0; seed < 3; seed++) {
        mlpbn_gradcheck_options options = MLPBN_GRADCHECK_OPTIONS_INIT;
        options.samples = 7;
        options.seed = seed / 2; /* 0, 0, 1 */
        mlpbn_gradcheck_report *report = checked(w.network, &w.data.rows, NULL, &options);
        const mlpbn_gradcheck_result weight = result_of(report, 0);
        const mlpbn_gradcheck_result bias = result_of(report, 1);
        ck_assert_uint_eq(weight.checked + weight.skipped, 7);
        ck_assert_uint_eq(bias.checked + bias.skipped, WORLD_HIDDEN); /* all it has */
        rows[seed] = weight.row;
        columns[seed] = weight.column;
        mlpbn_gradcheck_destroy(report);
    }
    ck_assert(rows[0] == rows[1] && columns[0] == columns[1]);
    ck_assert(rows[0] != rows[2] || columns[0] != columns[2]);
    world_free(&w);
}
END_TEST

/* One ReLU that is at 0 exactly: no parameter of it has a derivative. */
START_TEST(elements_at_a_kink_are_skipped_and_fail)
{
    const struct recipe recipe = {
        .dtype = MLPBN_F64, .inputs = 2, .units = {1, 2}, .no_bias = 1};
    mlpbn_network *network = api_network(&recipe);
    const double x[2][2] = {{1.25, 2.5}, {0.731, 0.173}}, weight[2] = {1.5, -0.75};
    const int32_t labels[2] = {0, 1};
    mlpbn_rows rows = MLPBN_ROWS_INIT(x, MLPBN_F64, 2, 2);
    rows.labels = labels;
    OK(mlpbn_network_set_f64(network, 0, weight, 2));
    mlpbn_gradcheck_report *report = checked(network, &rows, NULL, NULL);
    const mlpbn_gradcheck_result first = result_of(report, 0),
                                 last = result_of(report, 1);
    ck_assert_uint_eq(first.skipped, 2);
    ck_assert_uint_eq(first.checked, 0);
    ck_assert(!first.passed && last.passed && last.skipped == 0);
    mlpbn_gradcheck_destroy(report);
    mlpbn_network_destroy(network);
}
END_TEST

START_TEST(the_report_is_printed)
{
    char line[200];
    size_t lines = 0;
    struct world w;
    FILE *file = tmpfile();
    ck_assert_ptr_nonnull(file);
    world_make(&w, api_dtypes[_i]);
    mlpbn_gradcheck_report *report = checked(w.network, &w.data.rows, NULL, NULL);
    OK(mlpbn_gradcheck_print(report, file));
    rewind(file);
    while (fgets(line, sizeof line, file)) {
        if (lines >= 1 && lines <= mlpbn_gradcheck_results(report))
            ck_assert(strstr(line, result_of(report, lines - 1).name) == line);
        lines++;
    }
    ck_assert_uint_eq(lines, mlpbn_gradcheck_results(report) + 2);
    ck_assert(strstr(line, "all passed") == line);
    fclose(file);
    FAILS(MLPBN_EINVAL, "report|NULL", mlpbn_gradcheck_print(NULL, stdout));
    FAILS(MLPBN_EINVAL, "file|NULL", mlpbn_gradcheck_print(report, NULL));
    FILE *full = fopen("/dev/full", "w");
    if (full) {
        FAILS(MLPBN_EIO, "written", mlpbn_gradcheck_print(report, full));
        fclose(full);
    }
    mlpbn_gradcheck_destroy(report);
    mlpbn_gradcheck_destroy(NULL);
    world_free(&w);
}
END_TEST

/* --- Bad arguments ------------------------------------------------------------------ */

static const struct bad_field bad_options[] = {
    {REAL_FIELD(mlpbn_gradcheck_options, tolerance, 0), MLPBN_EINVAL, "tolerance|0"},
    {REAL_FIELD(mlpbn_gradcheck_options, tolerance, API_NAN), MLPBN_EINVAL,
     "tolerance|nan"},
    {REAL_FIELD(mlpbn_gradcheck_options, tolerance, HUGE_VAL), MLPBN_EINVAL,
     "tolerance|inf"},
    {INT_FIELD(mlpbn_gradcheck_options, inputs, 2), MLPBN_EINVAL, "inputs|2"},
};

START_TEST(bad_arguments_are_refused)
{
    struct world w;
    mlpbn_gradcheck_report *report = api_untouched();
    mlpbn_gradcheck_result result = MLPBN_GRADCHECK_RESULT_INIT;
    world_make(&w, api_dtypes[_i]);
    mlpbn_rows rows = w.data.rows;
    FAILS(MLPBN_EINVAL, "report|NULL",
          mlpbn_gradcheck(NULL, w.network, &rows, NULL, NULL));
    FAILS(MLPBN_EINVAL, "network|NULL",
          mlpbn_gradcheck(&report, NULL, &rows, NULL, NULL));
    FAILS(MLPBN_EINVAL, "rows|NULL",
          mlpbn_gradcheck(&report, w.network, NULL, NULL, NULL));
    for (size_t i = 0; i < LENGTH(bad_options); i++) {
        mlpbn_gradcheck_options options = MLPBN_GRADCHECK_OPTIONS_INIT;
        api_poke(&options, &bad_options[i].poke);
        FAILS(bad_options[i].status, bad_options[i].words,
              mlpbn_gradcheck(&report, w.network, &rows, NULL, &options));
    }
    rows.n = 1;
    FAILS(MLPBN_EBATCH, "2 rows", mlpbn_gradcheck(&report, w.network, &rows, NULL, NULL));
    rows.n = WORLD_ROWS;
    rows.labels = NULL;
    FAILS(MLPBN_EINVAL, "labels", mlpbn_gradcheck(&report, w.network, &rows, NULL, NULL));
    rows.labels = w.data.labels;
    w.data.labels[3] = -1;
    FAILS(MLPBN_ELABEL, "labels[3]",
          mlpbn_gradcheck(&report, w.network, &rows, NULL, NULL));
    w.data.labels[3] = 0;
    api_store(w.data.x, rows.dtype, 7, API_NAN);
    FAILS(MLPBN_ENONFINITE, "row 1",
          mlpbn_gradcheck(&report, w.network, &rows, NULL, NULL));
    ck_assert_ptr_eq(report, api_untouched());
    FAILS(MLPBN_EINVAL, "report|NULL", mlpbn_gradcheck_get(&result, NULL, 0));
    FAILS(MLPBN_EINVAL, "options|NULL",
          mlpbn_gradcheck_options_init(NULL, sizeof(mlpbn_gradcheck_options)));
    world_free(&w);
}
END_TEST

Suite *gradcheck_suite(void)
{
    TCase *tests;
    Suite *suite = api_suite("gradcheck", &tests);
    tcase_add_loop_test(api_large_case(suite, "gradcheck of all"), right_gradients_pass,
                        0, LENGTH(shapes) * LOSSES);
    tcase_add_loop_test(tests, there_is_a_result_for_each_tensor, 0, N_DTYPES);
    tcase_add_test(tests, the_tolerance_decides);
    tcase_add_test(tests, a_sample_is_drawn_by_its_seed);
    tcase_add_test(tests, elements_at_a_kink_are_skipped_and_fail);
    tcase_add_loop_test(tests, the_report_is_printed, 0, N_DTYPES);
    tcase_add_loop_test(tests, bad_arguments_are_refused, 0, N_DTYPES);
    return suite;
}
