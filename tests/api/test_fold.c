/* Folding batchnorm and standardization into weights and biases. */
#include "api_reference.h"

/* bit l of `batchnorm`: layer l has one */
static const struct spec shapes[] = {
    {40, .units = {30, 20, 7}, .batchnorm_mask = 3},
    {40, .units = {30, 20, 7}, .batchnorm_mask = 7, .no_bias_mask = 7},
    {40, .units = {30, 20, 7}, .batchnorm_mask = 3, .norm = &api_plain},
    {40, .units = {30, 20, 7}, .batchnorm_mask = 3, .norm = &api_after},
    {40, .units = {30, 20, 7}, .batchnorm_mask = 7, .norm = &api_after, .no_bias_mask = 5,
     .last_relu = 1}, /* one layer more */
    {40, .units = {30, 7}, .batchnorm_mask = 3, .norm = &api_after, .linear = 1},
    {40, .units = {7}, .no_bias_mask = 1},
    {40, .units = {30, 7}, .batchnorm_mask = 1, .hidden = MLPBN_ELU},
    {40, .units = {30, 7}, .batchnorm_mask = 1, .hidden = MLPBN_GELU,
     .last = MLPBN_SOFTMAX},
    {40, .units = {30, 7}, .batchnorm_mask = 1, .hidden = MLPBN_TANH,
     .last = MLPBN_SIGMOID, .norm = &api_after},
};

enum { ROWS = 150, STEPS = 40 };

/* A trained network, and rows. */
static struct setup trained(const struct spec *spec, mlpbn_dtype dtype, mlpbn_dtype rows)
{
    struct setup s = setup_of(spec_of(spec, dtype), rows, ROWS);
    s.optimizer = api_optimizer(s.network, 0.0173, 0.873, 0);
    OK(mlpbn_network_fit_standardization(s.network, &s.rows));
    for (int step = 0; step < STEPS; step++)
        setup_step(&s, &api_squares);
    return s;
}

static mlpbn_network *fold(const mlpbn_network *network,
                           const mlpbn_fold_options *options, mlpbn_fold_report *report)
{
    mlpbn_network *folded;
    OK(mlpbn_fold(&folded, network, options, report));
    return own_network(folded);
}

static void assert_folded(const mlpbn_network *network, int keeps_standardization)
{
    const size_t inputs = mlpbn_network_inputs(network);
    double *mean = api_alloc(inputs, sizeof *mean), *std = api_alloc(inputs, sizeof *std);
    for (size_t l = 0; l < mlpbn_network_n_layers(network); l++)
        ck_assert_ptr_null(api_batchnorm(network, l));
    OK(mlpbn_network_get_standardization(network, mean, std, inputs));
    ck_assert_int_eq(mean[0] != 0 || std[0] != 1, keeps_standardization);
}

static double max_error(const double *y, const long double *exact, size_t n)
{
    long double largest = 0;
    for (size_t i = 0; i < n; i++)
        largest = fmaxl(largest, fabsl((long double)y[i] - exact[i]));
    return (double)largest;
}

/* Its error is at most four times that of the network that was folded. */
static void check_fold(const struct setup *s, int standardization)
{
    const size_t outputs = mlpbn_network_outputs(s->network), n = s->rows.n * outputs;
    mlpbn_fold_options options = MLPBN_FOLD_OPTIONS_INIT;
    mlpbn_fold_report report = MLPBN_FOLD_REPORT_INIT;
    options.standardization = standardization;
    options.probe = &s->rows;
    const mlpbn_network *folded = fold(s->network, &options, &report);
    assert_folded(folded, !standardization);
    const long double *exact =
        reference_run(s->network, &s->rows, REFERENCE_PREDICT).exact;
    const double *y = api_outputs(s->network, &s->rows);
    const double *z = api_outputs(folded, &s->rows);
    const double before = max_error(y, exact, n), behind = max_error(z, exact, n);
    ck_assert_msg(behind <= 4 * before, "error %g, when folded %g", before, behind);

    double difference = 0;
    for (size_t i = 0; i < n; i++)
        difference = fmax(difference, fabs(y[i] - z[i]));
    const size_t worst = report.row * outputs + report.output;
    ck_assert(report.difference == difference && report.magnitude == api_largest(y));
    ck_assert(fabs(y[worst] - z[worst]) == difference);
    ck_assert_uint_eq(report.rows, ROWS);
}

/* Rows of all dtypes. One layer more only behind the last activation. */
LARGE_TEST(a_folded_network_predicts_the_same, LENGTH(shapes) * N_DTYPES)
{
    static const mlpbn_dtype types[] = {MLPBN_U8, MLPBN_F32, MLPBN_F64};
    const struct spec *spec = &shapes[_i / N_DTYPES];
    for (size_t t = 0; t < LENGTH(types); t++) {
        const struct setup s = trained(spec, api_dtypes[_i % N_DTYPES], types[t]);
        const struct snapshot before = snapshot_take(s.network);
        check_fold(&s, 1);
        check_fold(&s, 0);
        snapshot_assert(&before, s.network, "folding");
        ck_assert_uint_eq(mlpbn_network_n_layers(fold(s.network, NULL, NULL)),
                          mlpbn_network_n_layers(s.network) + (size_t)spec->last_relu);
    }
}

/* A layer that has nothing to take over stays as it is. */
TEST(a_bias_is_added_only_where_it_is_needed)
{
    const mlpbn_network *folded =
        fold(NETWORK(MLPBN_F32, 5, {4, 3, 2}, .batchnorm_mask = 1, .no_bias_mask = 7),
             NULL, NULL);
    mlpbn_tensor tensor = MLPBN_TENSOR_INIT;
    OK(mlpbn_layer_tensor(&tensor, mlpbn_network_layer(folded, 0), MLPBN_BIAS));
    INVALID("layer 1",
            mlpbn_layer_tensor(&tensor, mlpbn_network_layer(folded, 1), MLPBN_BIAS));
    INVALID("layer 2",
            mlpbn_layer_tensor(&tensor, mlpbn_network_layer(folded, 2), MLPBN_BIAS));
}

DTYPE_TEST(the_drawn_probe_depends_on_the_seed)
{
    const struct setup s = trained(&shapes[0], dtype, MLPBN_U8);
    mlpbn_fold_options options = MLPBN_FOLD_OPTIONS_INIT;
    mlpbn_fold_report reports[3] = {MLPBN_FOLD_REPORT_INIT, MLPBN_FOLD_REPORT_INIT,
                                    MLPBN_FOLD_REPORT_INIT};
    for (int i = 0; i < 3; i++) {
        options.seed = i == 2 ? 2385 : 1;
        fold(s.network, &options, &reports[i]);
        ck_assert_uint_eq(reports[i].rows, 256);
    }
    api_assert_same(&reports[1], &reports[0], sizeof reports[0], "report");
    ck_assert(reports[2].magnitude != reports[0].magnitude);
}

/* Nothing is made, and the report is as it was. */
static void assert_refused(mlpbn_status status, const char *words,
                           const mlpbn_network *network,
                           const mlpbn_fold_options *options)
{
    mlpbn_network *folded = api_untouched();
    mlpbn_fold_report report = MLPBN_FOLD_REPORT_INIT;
    const mlpbn_fold_report empty = report;
    FAILS(status, words, mlpbn_fold(&folded, network, options, &report));
    ck_assert_ptr_eq(folded, api_untouched());
    api_assert_same(&report, &empty, sizeof report, "report");
}

/* Of outputs, or by a number that overflows. */
DTYPE_TEST(a_difference_beyond_the_tolerance_is_refused)
{
    const double mean[] = {2385.1e9, 0.1, 0.2}, std[] = {0.3, 1.3, 0.9};
    const mlpbn_batchnorm_options tiny = {sizeof tiny, 1e-60, 0.9, 0, 1, 1, 0, 0};
    mlpbn_network *network = NETWORK(dtype, 3, {4});
    mlpbn_network *large = NETWORK(dtype, 3, {4, 2}, .batchnorm_mask = 1, .norm = &tiny);
    mlpbn_fold_options options = MLPBN_FOLD_OPTIONS_INIT;
    OK(mlpbn_network_set_standardization(network, mean, std, 3));
    assert_refused(MLPBN_EACCURACY, "row|output|largest", network, NULL);
    options.standardization = 0;
    fold(network, &options, NULL);
    OK(mlpbn_network_set_standardization(network, NULL, NULL, 0));
    api_fill(large, 0, MLPBN_RUNNING_VAR, 0);
    api_fill(large, 0, MLPBN_WEIGHT, dtype == MLPBN_F32 ? 1e38 : 1e308);
    assert_refused(MLPBN_ENONFINITE, "layer0.weight[0][0]", large, NULL);
}

TEST(bad_arguments_are_refused)
{
    struct setup s = setup_default(MLPBN_F32);
    mlpbn_network *folded = api_untouched();
    mlpbn_fold_report report = MLPBN_FOLD_REPORT_INIT;
    mlpbn_fold_options options = MLPBN_FOLD_OPTIONS_INIT;
    INVALID("folded|NULL", mlpbn_fold(NULL, s.network, NULL, NULL));
    assert_refused(MLPBN_EINVAL, "network|NULL", NULL, NULL);
    report.struct_size = 3;
    INVALID("report|struct_size", mlpbn_fold(&folded, s.network, NULL, &report));
    options.probe = &s.rows;
    s.rows.columns = 4;
    assert_refused(MLPBN_ESHAPE, "columns|5|4", s.network, &options);
    s.rows.columns = 5;
    api_store(s.x, s.rows.dtype, 0, API_NAN);
    assert_refused(MLPBN_ENONFINITE, "row 0", s.network, &options);
    ck_assert_ptr_eq(folded, api_untouched());
}
