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
    mlpbn_loss_options loss = api_loss_options((mlpbn_loss)(_i % LAST_LOSS + 1), 0.0385);
    loss.reduction = (mlpbn_reduction)(_i / LAST_LOSS % LAST_REDUCTION + 1);
    for (size_t d = 0; d < N_DTYPES; d++) {
        const struct spec *spec =
            spec_or_activation(shapes, LENGTH(shapes), _i / LAST_LOSS,
                               SPEC(api_dtypes[d], 6, {8, 3}, .alpha = 0.385));
        struct setup s = {.network = api_network(spec)};
        if (!api_loss_fits(loss.loss, s.network))
            continue;
        const struct data data = data_make(MLPBN_U8, DATA, spec->inputs, 3, 43);
        api_make_probabilities(data.targets, DATA * 3);
        s.rows = data.rows;
        OK(mlpbn_network_fit_standardization(s.network, &s.rows));
        data_set_index(&s.rows, index, ROWS, DATA);
        s.rows.weights = api_random(DATA, 29, 0.713, 0.8385);
        const struct snapshot before = snapshot_take(s.network);
        const mlpbn_gradcheck_report *report = api_gradcheck(&s, &loss, NULL);
        for (size_t i = 0; i < mlpbn_gradcheck_results(report); i++) {
            const mlpbn_gradcheck_result r = result_of(report, i);
            ck_assert_msg(r.verdict == MLPBN_GRADIENT_PASSED,
                          "f%d: %s: error %g, skipped %zu of %zu; %.17g, %.17g",
                          d ? 64 : 32, r.name, r.relative_error, r.skipped,
                          r.checked + r.skipped, r.analytic, r.numeric);
        }
        ck_assert(mlpbn_gradcheck_passed(report));
        ck_assert_uint_eq(mlpbn_gradcheck_skipped(report), 0);
        snapshot_assert(&before, s.network, "network after a check");
    }
}

enum { ROUNDING_CASES = N_DTYPES * LAST_LOSS };

/* Networks that fit their data: the derivatives are as small as their rounding errors, and no
 * activation has a kink where one could be skipped. */
LARGE_TEST(rounding_is_no_failure, ROUNDING_CASES)
{
    const mlpbn_dtype dtype = api_dtypes[_i % N_DTYPES];
    const mlpbn_loss_options loss = api_loss_options((mlpbn_loss)(_i / N_DTYPES + 1), 0);
    struct setup s = SETUP(dtype, 24, dtype, 4, {9, 8, 2}, .hidden = MLPBN_TANH);
    mlpbn_optimizer_options adam = MLPBN_OPTIMIZER_OPTIONS_INIT;
    adam.kind = MLPBN_ADAM;
    adam.learning_rate = 0.02385;
    mlpbn_optimizer *optimizer = api_create_optimizer(s.network, &adam);
    double *targets = api_alloc(24 * 2, sizeof *targets);
    for (size_t i = 0; i < 24; i++)
        targets[2 * i + (size_t)s.labels[i] % 2] = 1;
    s.rows.targets = targets;
    s.rows.target_dtype = MLPBN_F64;
    s.rows.target_columns = 2;
    for (int i = 0; i < 2000; i++)
        OK(mlpbn_train_step(s.network, optimizer, s.workspace, &s.rows, &loss, NULL));
    const mlpbn_gradcheck_report *report = api_gradcheck(&s, &loss, NULL);
    for (size_t i = 0; i < mlpbn_gradcheck_results(report); i++) {
        const mlpbn_gradcheck_result r = result_of(report, i);
        ck_assert_msg(r.verdict != MLPBN_GRADIENT_FAILED, "%s: error %g: %.17g, %.17g",
                      r.name, r.relative_error, r.analytic, r.numeric);
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
    const mlpbn_gradcheck_report *strict =
        api_gradcheck(&s, NULL, &OPTIONS(gradcheck, .tolerance = 2.385e-15, .inputs = 1));
    const mlpbn_gradcheck_result r = result_of(strict, 0);
    ck_assert(!mlpbn_gradcheck_passed(strict));
    ck_assert_int_eq(r.verdict, MLPBN_GRADIENT_FAILED);
    ck_assert(r.relative_error > 2.385e-15 && r.relative_error < 1e-3);
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

/* The report as text. */
static char *print(const mlpbn_gradcheck_report *report)
{
    enum { SIZE = 4096 };
    char *text = api_alloc(SIZE, 1);
    FILE *file = tmpfile();
    ck_assert_ptr_nonnull(file);
    OK(mlpbn_gradcheck_print(report, file));
    rewind(file);
    ck_assert_uint_lt(fread(text, 1, SIZE - 1, file), SIZE - 1);
    fclose(file);
    return text;
}

/* One ReLU that is at 0 exactly: no parameter of it has a derivative, which is not a failure. */
TEST(elements_at_a_kink_are_skipped)
{
    static const double x[2][2] = {{1.25, 2.5}, {0.731, 0.173}}, weight[] = {1.5, -0.75};
    struct setup s = SETUP(MLPBN_F64, 2, MLPBN_F64, 2, {1, 2}, .no_bias_mask = 1);
    s.rows.data = x;
    api_set(s.network, 0, MLPBN_WEIGHT, weight);
    const mlpbn_gradcheck_report *report = api_gradcheck(&s, NULL, NULL);
    const mlpbn_gradcheck_result first = result_of(report, 0);
    const mlpbn_gradcheck_result last = result_of(report, 1);
    ck_assert_uint_eq(first.skipped, 2);
    ck_assert_uint_eq(first.checked, 0);
    ck_assert_int_eq(first.verdict, MLPBN_GRADIENT_SKIPPED);
    ck_assert_int_eq(first.skip_reason, MLPBN_SKIPPED_ACTIVATION);
    ck_assert_uint_eq(first.skip_layer, 0);
    ck_assert(last.verdict == MLPBN_GRADIENT_PASSED && last.skipped == 0);
    ck_assert_int_eq(last.skip_reason, MLPBN_NOT_SKIPPED);
    ck_assert(mlpbn_gradcheck_passed(report));
    ck_assert_uint_eq(mlpbn_gradcheck_skipped(report), 2); /* x too */
    /* What is wrong fails nevertheless. */
    report =
        api_gradcheck(&s, NULL, &OPTIONS(gradcheck, .tolerance = 1e-16, .inputs = 1));
    ck_assert(!mlpbn_gradcheck_passed(report));
    ck_assert_int_eq(result_of(report, 0).verdict, MLPBN_GRADIENT_SKIPPED);
    ck_assert_int_eq(result_of(report, 1).verdict, MLPBN_GRADIENT_FAILED);
}

/* The network of the README, before its first step: the row of zeros and the biases of 0 put
 * every unit at its kink. Nudged, everything is checked; in f32 as well. */
DTYPE_TEST(xor_is_skipped_and_nudged)
{
    static const uint8_t x[4][2] = {{0, 0}, {0, 1}, {1, 0}, {1, 1}};
    static const int32_t labels[4] = {0, 1, 1, 0};
    mlpbn_gradcheck_options options = MLPBN_GRADCHECK_OPTIONS_INIT;
    struct setup s = {.network = NETWORK(dtype, 2, {8, 2}),
                      .rows = MLPBN_ROWS_INIT(x, MLPBN_U8, 4, 2)};
    s.rows.labels = labels;
    OK(mlpbn_network_initialize(s.network, MLPBN_ALL_LAYERS, MLPBN_INIT_HE, 0, 0));
    const mlpbn_gradcheck_report *report = api_gradcheck(&s, NULL, NULL);
    const mlpbn_gradcheck_result bias = result_of(report, 1);
    ck_assert(mlpbn_gradcheck_passed(report));
    ck_assert_uint_eq(mlpbn_gradcheck_skipped(report), 2); /* layer0.bias and x */
    ck_assert_uint_eq(bias.skipped, 8);
    ck_assert_int_eq(bias.skip_reason, MLPBN_SKIPPED_ACTIVATION);
    const char *text = print(report);
    ck_assert(strstr(text, "skipped, 8 at a kink of the activation of layer 0\n"));
    ck_assert(strstr(text, "\npassed, but 2 of 5 were skipped"));
    ck_assert(!strstr(text, "FAILED"));

    double errors[3];
    for (uint64_t i = 0; i < 3; i++) {
        options.seed = i / 2; /* 0, 0, 1 */
        options.nudge = 0.01;
        report = api_gradcheck(&s, NULL, &options);
        ck_assert(mlpbn_gradcheck_passed(report));
        ck_assert_uint_eq(mlpbn_gradcheck_skipped(report), 0);
        ck_assert_uint_eq(result_of(report, 1).checked, 8);
        errors[i] = result_of(report, 1).analytic;
    }
    ck_assert(errors[0] == errors[1] && errors[0] != errors[2]);
    ck_assert(strstr(print(report), "\nall passed"));
}

/* Outputs that are the targets, of absolute error and of the pinball loss. */
LOOP_TEST(a_kink_of_the_loss_is_named, 2)
{
    const mlpbn_loss_options loss =
        api_loss_options(_i ? MLPBN_PINBALL : MLPBN_MEAN_ABSOLUTE_ERROR, 0);
    struct setup s = SETUP(MLPBN_F64, 3, MLPBN_F64, 2, {2}, .last = 1);
    data_set_targets(&s.rows, api_outputs(s.network, &s.rows), MLPBN_F64, 2);
    const mlpbn_gradcheck_report *report = api_gradcheck(&s, &loss, NULL);
    ck_assert_int_eq(result_of(report, 0).skip_reason, MLPBN_SKIPPED_LOSS);
    ck_assert_int_eq(result_of(report, 0).verdict, MLPBN_GRADIENT_SKIPPED);
    ck_assert(strstr(print(report), "at a kink of the loss"));
}

/* A unit whose z is 3e-8 in double and 0 in float: ReLU passes the gradient on in one, and
 * stops it in the other. The third weight, which is 0, moves z too little to skip it. */
TEST(a_unit_that_float_rounds_across_its_kink)
{
    static const double x[] = {1, -1 + 2e-8, 0.005}, weight[] = {1.5, 1.5, 0};
    struct setup s = SETUP(MLPBN_F64, 1, MLPBN_F32, 3, {1, 2}, .no_bias_mask = 1);
    mlpbn_gradcheck_options options = MLPBN_GRADCHECK_OPTIONS_INIT;
    s.rows.data = x;
    api_set(s.network, 0, MLPBN_WEIGHT, weight);
    mlpbn_gradcheck_result r = result_of(api_gradcheck(&s, NULL, NULL), 0);
    ck_assert_uint_eq(r.skipped, 3);
    ck_assert_int_eq(r.verdict, MLPBN_GRADIENT_SKIPPED);
    for (options.seed = 0; r.skip_reason == MLPBN_SKIPPED_ACTIVATION; options.seed++) {
        options.samples = 1; /* until it is the third element */
        r = result_of(api_gradcheck(&s, NULL, &options), 0);
        ck_assert_uint_lt(options.seed, 20);
    }
    ck_assert_int_eq(r.skip_reason, MLPBN_SKIPPED_ROUNDING);
}

/* A squared output that fits a double, but not where the bias is 1e-7 of it larger. */
TEST(a_cost_that_overflows_nearby_is_named)
{
    const double x = 0;
    struct setup s = SETUP(MLPBN_F64, 1, MLPBN_F64, 1, {1});
    s.rows.data = &x;
    api_fill(s.network, 0, MLPBN_WEIGHT, 0);
    api_fill(s.network, 0, MLPBN_BIAS, sqrt(DBL_MAX) * (1 - 1e-9));
    const mlpbn_gradcheck_report *report = api_gradcheck(&s, &api_squares, NULL);
    ck_assert(mlpbn_gradcheck_passed(report));
    ck_assert_int_eq(result_of(report, 1).skip_reason, MLPBN_SKIPPED_NONFINITE);
    ck_assert(strstr(print(report), "not finite nearby"));
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
    rows.labels = s.labels;
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
