/* Folding batchnorm and standardization into weights and biases. */
#include "long_reference.h"

#include <stdlib.h>
#include <string.h>

static const mlpbn_batchnorm_options after = {sizeof after, 0.0385, 0.9, 0, 1, 1, 1, 0},
                                     plain = {sizeof plain, 1e-5, 0.9, 0, 1, 0, 0, 0};

/* bit l of `batchnorm`: layer l has one */
static const struct recipe shapes[] = {
    {.inputs = 40, .units = {30, 20, 7}, .batchnorm = 3},
    {.inputs = 40, .units = {30, 20, 7}, .batchnorm = 7, .no_bias = 7},
    {.inputs = 40, .units = {30, 20, 7}, .batchnorm = 3, .batchnorm_options = &plain},
    {.inputs = 40, .units = {30, 20, 7}, .batchnorm = 3, .batchnorm_options = &after},
    {.inputs = 40,
     .units = {30, 20, 7},
     .batchnorm = 7,
     .batchnorm_options = &after,
     .no_bias = 5,
     .last_relu = 1}, /* one layer more */
    {.inputs = 40,
     .units = {30, 7},
     .batchnorm = 3,
     .batchnorm_options = &after,
     .linear = 1},
    {.inputs = 40, .units = {7}, .no_bias = 1},
    {.inputs = 40, .units = {30, 7}, .batchnorm = 1, .hidden = MLPBN_ELU},
    {.inputs = 40,
     .units = {30, 7},
     .batchnorm = 1,
     .hidden = MLPBN_GELU,
     .last = MLPBN_SOFTMAX},
    {.inputs = 40,
     .units = {30, 7},
     .batchnorm = 1,
     .hidden = MLPBN_TANH,
     .last = MLPBN_SIGMOID,
     .batchnorm_options = &after},
};

enum { ROWS = 150, STEPS = 40 };

/* A trained network, and rows. */
struct scene {
    mlpbn_network *network;
    struct data data;
};

static void make_scene(struct scene *scene, const struct recipe *recipe,
                       mlpbn_dtype dtype, mlpbn_dtype rows)
{
    struct recipe typed = *recipe;
    const mlpbn_loss_options loss = api_loss_options(MLPBN_MEAN_SQUARED_ERROR, 0);
    typed.dtype = dtype;
    scene->network = api_network(&typed);
    data_make(&scene->data, rows, ROWS, recipe->inputs,
              mlpbn_network_outputs(scene->network), 2385);
    OK(mlpbn_network_fit_standardization(scene->network, &scene->data.rows));
    mlpbn_workspace *workspace = api_workspace(scene->network, ROWS, 1);
    mlpbn_optimizer *optimizer = api_optimizer(scene->network, 0.0173, 0.873, 0);
    for (int step = 0; step < STEPS; step++)
        OK(mlpbn_train_step(scene->network, optimizer, workspace, &scene->data.rows,
                            &loss, NULL));
    mlpbn_optimizer_destroy(optimizer);
    mlpbn_workspace_destroy(workspace);
}

static void free_scene(struct scene *scene)
{
    mlpbn_network_destroy(scene->network);
    data_free(&scene->data);
}

/* The outputs for all rows, to be freed. */
static double *outputs_of(const mlpbn_network *network, const mlpbn_rows *rows)
{
    double *y = api_alloc(rows->n * mlpbn_network_outputs(network), sizeof *y);
    mlpbn_workspace *workspace = api_workspace(network, rows->n, 1);
    OK(api_predict(network, workspace, rows, y));
    mlpbn_workspace_destroy(workspace);
    return y;
}

static void assert_nothing_left(const mlpbn_network *network, int keeps)
{
    const size_t inputs = mlpbn_network_inputs(network);
    double *mean = api_alloc(inputs, sizeof *mean), *std = api_alloc(inputs, sizeof *std);
    for (size_t l = 0; l < mlpbn_network_layers(network); l++)
        ck_assert_ptr_null(mlpbn_layer_batchnorm(mlpbn_network_layer(network, l)));
    OK(mlpbn_network_get_standardization(network, mean, std, inputs));
    ck_assert_int_eq(mean[0] != 0 || std[0] != 1, keeps);
    free(mean);
    free(std);
}

/* Its error is at most four times that of the network that was folded. */
static void check_fold(const struct scene *scene, int standardization)
{
    const mlpbn_rows *rows = &scene->data.rows;
    const size_t n = rows->n * mlpbn_network_outputs(scene->network);
    mlpbn_fold_options options = MLPBN_FOLD_OPTIONS_INIT;
    mlpbn_fold_report report = MLPBN_FOLD_REPORT_INIT;
    mlpbn_network *folded;

    options.standardization = standardization;
    options.probe = rows;
    OK(mlpbn_fold(&folded, scene->network, &options, &report));
    assert_nothing_left(folded, !standardization);
    long double *exact = long_outputs(scene->network, rows);
    double *y = outputs_of(scene->network, rows), *z = outputs_of(folded, rows);
    const double before = long_error(y, exact, n), behind = long_error(z, exact, n);
    ck_assert_msg(behind <= 4 * before, "error %g, when folded %g", before, behind);

    double difference = 0;
    for (size_t i = 0; i < n; i++)
        difference = fmax(difference, fabs(y[i] - z[i]));
    ck_assert(report.difference == difference && report.magnitude == api_largest(y, n));
    const size_t worst = report.row * mlpbn_network_outputs(folded) + report.output;
    ck_assert(fabs(y[worst] - z[worst]) == difference);
    ck_assert_uint_eq(report.rows, ROWS);
    free(exact);
    free(y);
    free(z);
    mlpbn_network_destroy(folded);
}

START_TEST(a_folded_network_predicts_the_same)
{
    static const mlpbn_dtype types[] = {MLPBN_U8, MLPBN_F32, MLPBN_F64};
    for (size_t d = 0; d < N_DTYPES; d++)
        for (size_t t = 0; t < LENGTH(types); t++) {
            struct scene scene;
            make_scene(&scene, &shapes[_i], api_dtypes[d], types[t]);
            struct snapshot before = snapshot_take(scene.network);
            check_fold(&scene, 1);
            check_fold(&scene, 0);
            snapshot_assert(&before, scene.network, "folding");
            snapshot_free(&before);
            free_scene(&scene);
        }
}
END_TEST

START_TEST(one_layer_more_only_behind_the_last_activation)
{
    struct scene scene;
    mlpbn_network *folded;
    for (size_t i = 0; i < LENGTH(shapes); i++) {
        const struct recipe *recipe = &shapes[i];
        const int more = recipe->last_relu;
        make_scene(&scene, recipe, MLPBN_F64, MLPBN_F32);
        OK(mlpbn_fold(&folded, scene.network, NULL, NULL));
        ck_assert_uint_eq(mlpbn_network_layers(folded),
                          mlpbn_network_layers(scene.network) + (size_t)more);
        mlpbn_network_destroy(folded);
        free_scene(&scene);
    }
}
END_TEST

/* A layer that has nothing to take over stays as it is. */
START_TEST(a_bias_is_added_only_where_it_is_needed)
{
    const struct recipe recipe = {.dtype = MLPBN_F32,
                                  .inputs = 5,
                                  .units = {4, 3, 2},
                                  .batchnorm = 1,
                                  .no_bias = 7};
    mlpbn_network *network = api_network(&recipe), *folded;
    mlpbn_tensor tensor = MLPBN_TENSOR_INIT;

    OK(mlpbn_fold(&folded, network, NULL, NULL));
    OK(mlpbn_layer_tensor(&tensor, mlpbn_network_layer(folded, 0), MLPBN_BIAS));
    FAILS(MLPBN_EINVAL, "layer 1",
          mlpbn_layer_tensor(&tensor, mlpbn_network_layer(folded, 1), MLPBN_BIAS));
    FAILS(MLPBN_EINVAL, "layer 2",
          mlpbn_layer_tensor(&tensor, mlpbn_network_layer(folded, 2), MLPBN_BIAS));
    mlpbn_network_destroy(folded);
    mlpbn_network_destroy(network);
}
END_TEST

START_TEST(the_drawn_probe_depends_on_the_seed)
{
    struct scene scene;
    mlpbn_fold_options options = MLPBN_FOLD_OPTIONS_INIT;
    mlpbn_fold_report reports[3] = {MLPBN_FOLD_REPORT_INIT, MLPBN_FOLD_REPORT_INIT,
                                    MLPBN_FOLD_REPORT_INIT};
    make_scene(&scene, &shapes[0], api_dtypes[_i], MLPBN_U8);
    for (int i = 0; i < 3; i++) {
        mlpbn_network *folded;
        options.seed = i == 2 ? 2385 : 1;
        OK(mlpbn_fold(&folded, scene.network, &options, &reports[i]));
        ck_assert_uint_eq(reports[i].rows, 256);
        mlpbn_network_destroy(folded);
    }
    api_assert_same(&reports[1], &reports[0], sizeof reports[0], "report");
    ck_assert(reports[2].magnitude != reports[0].magnitude);
    free_scene(&scene);
}
END_TEST

/* --- Refusals ----------------------------------------------------------------------- */

/* Nothing is given, and the report is as it was. */
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

START_TEST(a_difference_beyond_the_tolerance_is_refused)
{
    const struct recipe recipe = {.dtype = api_dtypes[_i], .inputs = 3, .units = {4}};
    const double mean[] = {2385.1e9, 0.1, 0.2}, std[] = {0.3, 1.3, 0.9};
    mlpbn_network *network = api_network(&recipe);
    mlpbn_fold_options options = MLPBN_FOLD_OPTIONS_INIT;
    mlpbn_network *folded;

    OK(mlpbn_network_set_standardization(network, mean, std, 3));
    assert_refused(MLPBN_EACCURACY, "row|output|largest", network, NULL);
    options.standardization = 0;
    OK(mlpbn_fold(&folded, network, &options, NULL));
    mlpbn_network_destroy(folded);
    OK(mlpbn_network_set_standardization(network, NULL, NULL, 0));
    mlpbn_network_destroy(network);
}
END_TEST

START_TEST(a_number_that_overflows_is_refused)
{
    const mlpbn_batchnorm_options tiny = {sizeof tiny, 1e-60, 0.9, 0, 1, 1, 0, 0};
    const struct recipe recipe = {.dtype = api_dtypes[_i],
                                  .inputs = 3,
                                  .units = {4, 2},
                                  .batchnorm = 1,
                                  .batchnorm_options = &tiny};
    const double large = recipe.dtype == MLPBN_F32 ? 1e38 : 1e308;
    mlpbn_network *network = api_network(&recipe);
    api_fill(network, 0, MLPBN_RUNNING_VAR, 0);
    api_fill(network, 0, MLPBN_WEIGHT, large);
    assert_refused(MLPBN_ENONFINITE, "layer0.weight[0][0]", network, NULL);
    mlpbn_network_destroy(network);
}
END_TEST

START_TEST(bad_arguments_are_refused)
{
    static const struct bad_field bad[] = {
        {INT_FIELD(mlpbn_fold_options, standardization, 2), MLPBN_EINVAL,
         "standardization"},
        {REAL_FIELD(mlpbn_fold_options, tolerance, 0.), MLPBN_EINVAL, "tolerance"},
        {REAL_FIELD(mlpbn_fold_options, tolerance, -2.385), MLPBN_EINVAL, "tolerance"},
        {REAL_FIELD(mlpbn_fold_options, tolerance, API_NAN), MLPBN_EINVAL, "tolerance"},
    };
    struct world w;
    mlpbn_network *folded = api_untouched();
    mlpbn_fold_report report = MLPBN_FOLD_REPORT_INIT;
    mlpbn_fold_options options = MLPBN_FOLD_OPTIONS_INIT;

    world_make(&w, MLPBN_F32);
    FAILS(MLPBN_EINVAL, "folded|NULL", mlpbn_fold(NULL, w.network, NULL, NULL));
    assert_refused(MLPBN_EINVAL, "network|NULL", NULL, NULL);
    for (size_t i = 0; i < LENGTH(bad); i++) {
        mlpbn_fold_options poked = MLPBN_FOLD_OPTIONS_INIT;
        api_poke(&poked, &bad[i].poke);
        assert_refused(bad[i].status, bad[i].words, w.network, &poked);
    }
    report.struct_size = 3;
    FAILS(MLPBN_EINVAL, "report|struct_size",
          mlpbn_fold(&folded, w.network, NULL, &report));
    options.probe = &w.data.rows;
    w.data.rows.columns = 4;
    assert_refused(MLPBN_ESHAPE, "columns|5|4", w.network, &options);
    w.data.rows.columns = 5;
    api_store(w.data.x, w.data.rows.dtype, 0, API_NAN);
    assert_refused(MLPBN_ENONFINITE, "row 0", w.network, &options);
    ck_assert_ptr_eq(folded, api_untouched());
    world_free(&w);
}
END_TEST

Suite *fold_suite(void)
{
    TCase *tests;
    Suite *suite = api_suite("fold", &tests);
    tcase_add_loop_test(tests, a_folded_network_predicts_the_same, 0, LENGTH(shapes));
    tcase_add_test(tests, one_layer_more_only_behind_the_last_activation);
    tcase_add_test(tests, a_bias_is_added_only_where_it_is_needed);
    tcase_add_loop_test(tests, the_drawn_probe_depends_on_the_seed, 0, N_DTYPES);
    tcase_add_loop_test(tests, a_difference_beyond_the_tolerance_is_refused, 0, N_DTYPES);
    tcase_add_loop_test(tests, a_number_that_overflows_is_refused, 0, N_DTYPES);
    tcase_add_test(tests, bad_arguments_are_refused);
    return suite;
}
