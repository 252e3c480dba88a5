/* The gradient check: it passes what is right, over everything that can be combined, says
 * what it found, and changes nothing. */
#include "api_helpers.h"

static mlpbn_gradcheck_result result_of(const mlpbn_gradcheck_report *report,
                                        size_t index)
{
    mlpbn_gradcheck_result result = MLPBN_GRADCHECK_RESULT_INIT;
    OK(mlpbn_gradcheck_get(&result, report, index));
    return result;
}

static const mlpbn_batchnorm_options after = {sizeof after, 2.385e-5, 0.9, 0, 1, 1, 1, 0};

static const struct spec shapes[] = {
    {5, .units = {3}},
    {7, .units = {9, 6, 3}, .batchnorm_mask = 3, .no_bias_mask = 1},
    {6, .units = {8, 3}, .hidden = MLPBN_ELU, .alpha = 1.385, .batchnorm_mask = 1},
    {7, .units = {9, 6, 3}, .batchnorm_mask = 3, .dropout = 0.2385},
    {6, .units = {8, 5, 3}, .hidden = MLPBN_TANH, .dropout = 0.385},
    {6, .units = {8, 3}, .hidden = MLPBN_GELU, .dropout = 0.385},
    {6, .units = {8, 5, 3}, .batchnorm_mask = 3, .norm = &after, .hidden = MLPBN_SIGMOID,
     .dropout = 0.385},
};
enum { N_CASES = (LENGTH(shapes) + LAST_ACTIVATION) * LAST_LOSS };

/* Shape _i / LAST_LOSS, loss _i % LAST_LOSS; rows of bytes, by an index, with weights. */
LARGE_TEST(right_gradients_pass, N_CASES)
{
    enum { ROWS = 10, DATA = 13 };
    static const size_t index[ROWS] = {12, 3, 5, 0, 7, 8, 3, 1, 11, 6};
    const mlpbn_loss_options loss =
        api_loss_options((mlpbn_loss)(_i % LAST_LOSS + 1), 0.0385);
    for (size_t d = 0; d < N_DTYPES; d++) {
        const struct spec spec = spec_or_activation(
            shapes, LENGTH(shapes), _i / LAST_LOSS, api_dtypes[d],
            (struct spec){.inputs = 6, .units = {8, 3}, .alpha = 0.385});
        struct setup s = {.network = api_network(&spec)};
        const struct data data = data_make(MLPBN_U8, DATA, spec.inputs, 3, 43);
        api_make_probabilities(data.targets, DATA * 3);
        s.rows = data.rows;
        OK(mlpbn_network_fit_standardization(s.network, &s.rows));
        s.rows.index = index;
        s.rows.n = ROWS;
        s.rows.n_data = DATA;
        s.rows.weights = api_random(DATA, 29, 0.713, 0.8385);
        const struct snapshot before = snapshot_take(s.network);
        const mlpbn_gradcheck_report *report = api_gradcheck(&s, &loss, NULL);
        for (size_t i = 0; i < mlpbn_gradcheck_results(report); i++) {
            const mlpbn_gradcheck_result r = result_of(report, i);
            ck_assert_msg(r.passed, "f%d: %s: error %g, skipped %zu of %zu; %.17g, %.17g",
                          d ? 64 : 32, r.name, r.relative_error, r.skipped,
                          r.checked + r.skipped, r.analytic, r.numeric);
        }
        ck_assert(mlpbn_gradcheck_passed(report));
        snapshot_assert(&before, s.network, "network after a check");
    }
}

DTYPE_TEST(there_is_a_result_for_each_tensor)
{
    const struct setup s = setup_default(dtype);
    const mlpbn_gradcheck_report *report = api_gradcheck(&s, NULL, NULL);
    mlpbn_gradcheck_options options = MLPBN_GRADCHECK_OPTIONS_INIT;
    mlpbn_gradcheck_result result = MLPBN_GRADCHECK_RESULT_INIT;
    size_t i = 0;
    for (size_t t = 0; t < mlpbn_network_n_tensors(s.network); t++) {
        const mlpbn_tensor tensor = api_describe(s.network, t);
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
    ck_assert_uint_eq(x.checked + x.skipped, SETUP_X);
    ck_assert_uint_eq(mlpbn_gradcheck_results(report), i + 1);
    INVALID("index", mlpbn_gradcheck_get(&result, report, i + 1));
    options.inputs = 0;
    ck_assert_uint_eq(mlpbn_gradcheck_results(api_gradcheck(&s, NULL, &options)), i);
}

/* With a tolerance that rounding alone exceeds: the same errors, another verdict. */
DTYPE_TEST(seed_and_tolerance_decide)
{
    const struct setup s = setup_default(dtype);
    mlpbn_gradcheck_options options = MLPBN_GRADCHECK_OPTIONS_INIT;
    size_t rows[3], columns[3];
    options.tolerance = 2.385e-15;
    const mlpbn_gradcheck_report *strict = api_gradcheck(&s, NULL, &options);
    const mlpbn_gradcheck_result r = result_of(strict, 0);
    ck_assert(!mlpbn_gradcheck_passed(strict));
    ck_assert(!r.passed && r.relative_error > 2.385e-15 && r.relative_error < 1e-3);
    options = (mlpbn_gradcheck_options)MLPBN_GRADCHECK_OPTIONS_INIT;
    options.samples = 7;
    for (uint64_t i = 0; i < 3; i++) {
        options.seed = i / 2; /* 0, 0, 1 */
        const mlpbn_gradcheck_report *report = api_gradcheck(&s, NULL, &options);
        const mlpbn_gradcheck_result weight = result_of(report, 0);
        const mlpbn_gradcheck_result bias = result_of(report, 1);
        ck_assert_uint_eq(weight.checked + weight.skipped, 7);
        ck_assert_uint_eq(bias.checked + bias.skipped, SETUP_HIDDEN); /* all it has */
        rows[i] = weight.row;
        columns[i] = weight.column;
    }
    ck_assert(rows[0] == rows[1] && columns[0] == columns[1]);
    ck_assert(rows[0] != rows[2] || columns[0] != columns[2]);
}

/* One ReLU that is at 0 exactly: no parameter of it has a derivative. */
TEST(elements_at_a_kink_are_skipped_and_fail)
{
    static const double x[2][2] = {{1.25, 2.5}, {0.731, 0.173}}, weight[] = {1.5, -0.75};
    struct setup s = SETUP(MLPBN_F64, 2, .dtype = MLPBN_F64, .inputs = 2, .units = {1, 2},
                           .no_bias_mask = 1);
    s.rows.data = x;
    api_set(s.network, 0, MLPBN_WEIGHT, weight);
    const mlpbn_gradcheck_report *report = api_gradcheck(&s, NULL, NULL);
    const mlpbn_gradcheck_result first = result_of(report, 0);
    const mlpbn_gradcheck_result last = result_of(report, 1);
    ck_assert_uint_eq(first.skipped, 2);
    ck_assert_uint_eq(first.checked, 0);
    ck_assert(!first.passed && last.passed && last.skipped == 0);
}

DTYPE_TEST(the_report_is_printed)
{
    char line[200];
    size_t lines = 0;
    const struct setup s = setup_default(dtype);
    const mlpbn_gradcheck_report *report = api_gradcheck(&s, NULL, NULL);
    FILE *file = tmpfile(), *full = fopen("/dev/full", "w");
    ck_assert_ptr_nonnull(file);
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
    INVALID("report|NULL", mlpbn_gradcheck_print(NULL, stdout));
    INVALID("file|NULL", mlpbn_gradcheck_print(report, NULL));
    if (full) {
        FAILS(MLPBN_EIO, "written", mlpbn_gradcheck_print(report, full));
        fclose(full);
    }
}

DTYPE_TEST(bad_arguments_are_refused)
{
    const struct setup s = setup_default(dtype);
    const mlpbn_network *network = s.network;
    mlpbn_gradcheck_report *report = api_untouched();
    mlpbn_gradcheck_result result = MLPBN_GRADCHECK_RESULT_INIT;
    mlpbn_rows rows = s.rows;
    INVALID("report|NULL", mlpbn_gradcheck(NULL, network, &rows, NULL, NULL));
    INVALID("network|NULL", mlpbn_gradcheck(&report, NULL, &rows, NULL, NULL));
    INVALID("rows|NULL", mlpbn_gradcheck(&report, network, NULL, NULL, NULL));
    rows.n = 1;
    FAILS(MLPBN_EBATCH, "2 rows", mlpbn_gradcheck(&report, network, &rows, NULL, NULL));
    rows = s.rows;
    rows.labels = NULL;
    INVALID("labels", mlpbn_gradcheck(&report, network, &rows, NULL, NULL));
    rows = s.rows;
    s.labels[3] = -1;
    FAILS(MLPBN_ELABEL, "labels[3]",
          mlpbn_gradcheck(&report, network, &rows, NULL, NULL));
    s.labels[3] = 0;
    api_store(s.x, rows.dtype, 7, API_NAN);
    NONFINITE("row 1", mlpbn_gradcheck(&report, network, &rows, NULL, NULL));
    ck_assert_ptr_eq(report, api_untouched());
    INVALID("report|NULL", mlpbn_gradcheck_get(&result, NULL, 0));
    INVALID("options|NULL",
            mlpbn_gradcheck_options_init(NULL, sizeof(mlpbn_gradcheck_options)));
}
