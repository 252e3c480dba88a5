/* Workspaces: creation, the array of gradients, and whose workspace it is. */
#include "api_reference.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- Creation ----------------------------------------------------------------------- */

static const struct bad_field bad_options[] = {
    {SIZE_FIELD(mlpbn_workspace_options, max_batch, 0), MLPBN_EINVAL, "max_batch"},
    {SIZE_FIELD(mlpbn_workspace_options, max_batch, SIZE_MAX / 16), MLPBN_ESIZE, ""},
    {SIZE_FIELD(mlpbn_workspace_options, max_batch, SIZE_MAX), MLPBN_ESIZE, ""},
    {SIZE_FIELD(mlpbn_workspace_options, max_batch, SIZE_MAX / 4 + 1), MLPBN_ESIZE, ""},
    {INT_FIELD(mlpbn_workspace_options, mode, 0), MLPBN_EINVAL, "mode"},
    {INT_FIELD(mlpbn_workspace_options, mode, 99), MLPBN_EINVAL, "mode"},
    {INT_FIELD(mlpbn_workspace_options, threads, -1), MLPBN_EINVAL, "threads"},
    {INT_FIELD(mlpbn_workspace_options, threads, 1025), MLPBN_EINVAL, "threads|1024"},
    {INT_FIELD(mlpbn_workspace_options, profile, 2), MLPBN_EINVAL, "profile"},
    {INT_FIELD(mlpbn_workspace_options, profile, -1), MLPBN_EINVAL, "profile"},
};

START_TEST(create_refuses_bad_options)
{
    const struct bad_field *bad = &bad_options[_i];
    struct world world;
    mlpbn_workspace_options options;
    mlpbn_workspace *workspace = api_untouched();

    api_case(bad->words, api_poked_value(&bad->poke));
    for (size_t d = 0; d < N_DTYPES; d++) {
        world_make(&world, api_dtypes[d]);
        OK(mlpbn_workspace_options_init(&options, sizeof options));
        api_poke(&options, &bad->poke);
        FAILS(bad->status, bad->words,
              mlpbn_workspace_create(&workspace, world.network, &options));
        ck_assert(bad->status == MLPBN_ESIZE ||
                  api_mentions(mlpbn_last_error(), api_poked_value(&bad->poke)));
        ck_assert_ptr_eq(workspace, api_untouched());
        world_free(&world);
    }
}
END_TEST

START_TEST(create_refuses_null)
{
    struct world world;
    mlpbn_workspace *workspace = api_untouched();

    world_make(&world, MLPBN_F32);
    FAILS(MLPBN_EINVAL, "workspace|NULL",
          mlpbn_workspace_create(NULL, world.network, NULL));
    FAILS(MLPBN_EINVAL, "network|NULL", mlpbn_workspace_create(&workspace, NULL, NULL));
    ck_assert_ptr_eq(workspace, api_untouched());
    world_free(&world);
}
END_TEST

/* 2^47 bytes and more are never there. */
START_TEST(create_reports_that_memory_is_short)
{
#if SIZE_MAX > UINT32_MAX
    struct world world;
    mlpbn_workspace_options options;
    mlpbn_workspace *workspace = api_untouched();

    world_make(&world, api_dtypes[_i]);
    OK(mlpbn_workspace_options_init(&options, sizeof options));
    options.max_batch = (size_t)1 << 43;
    FAILS(MLPBN_ENOMEM, "", mlpbn_workspace_create(&workspace, world.network, &options));
    options.mode = MLPBN_PREDICT;
    FAILS(MLPBN_ENOMEM, "", mlpbn_workspace_create(&workspace, world.network, &options));
    ck_assert_ptr_eq(workspace, api_untouched());
    world_free(&world);
#endif
}
END_TEST

START_TEST(create_takes_defaults_and_extremes)
{
    static const int threads[] = {0, 1, 64}; /* valgrind has no room for 1024 */
    struct world world;
    struct data data;
    mlpbn_workspace *workspace;

    world_make(&world, api_dtypes[_i]);
    data_make(&data, MLPBN_F32, 257, WORLD_INPUTS, WORLD_OUTPUTS, 5);
    OK(mlpbn_workspace_create(&workspace, world.network, NULL));
    FAILS(MLPBN_EBATCH, "256|257",
          mlpbn_gradient(world.network, workspace, &data.rows, NULL, NULL));
    data.rows.n = 256;
    OK(mlpbn_gradient(world.network, workspace, &data.rows, NULL, NULL));
    mlpbn_workspace_destroy(workspace);
    for (size_t i = 0; i < LENGTH(threads); i++) {
        workspace = api_workspace(world.network, 256, threads[i]);
        OK(mlpbn_gradient(world.network, workspace, &data.rows, NULL, NULL));
        mlpbn_workspace_destroy(workspace);
    }
    data_free(&data);
    world_free(&world);
}
END_TEST

/* --- Gradients ---------------------------------------------------------------------- */

START_TEST(gradients_lie_as_parameters_do)
{
    struct world world;
    size_t n, n_parameters;
    const void *begin;

    world_make(&world, api_dtypes[_i]);
    OK(mlpbn_gradient(world.network, world.workspace, &world.data.rows, NULL, NULL));
    double *parameters = api_parameters(world.network, &n_parameters);
    if (api_dtypes[_i] == MLPBN_F32) {
        float *data;
        OK(mlpbn_workspace_gradients_f32(&data, &n, world.workspace));
        begin = data;
    } else {
        double *data;
        OK(mlpbn_workspace_gradients_f64(&data, &n, world.workspace));
        begin = data;
    }
    ck_assert_uint_eq(n, n_parameters);
    ck_assert_uint_eq((uintptr_t)begin % 64, 0);
    free(parameters);
    world_free(&world);
}
END_TEST

START_TEST(gradients_refuse_bad_arguments)
{
    struct world f32, f64;
    float *floats = api_untouched();
    double *doubles = api_untouched();
    size_t n = 2385;

    world_make(&f32, MLPBN_F32);
    world_make(&f64, MLPBN_F64);
    OK(mlpbn_gradient(f32.network, f32.workspace, &f32.data.rows, NULL, NULL));
    OK(mlpbn_gradient(f64.network, f64.workspace, &f64.data.rows, NULL, NULL));
    FAILS(MLPBN_EINVAL, "data|NULL",
          mlpbn_workspace_gradients_f32(NULL, &n, f32.workspace));
    FAILS(MLPBN_EINVAL, "n|NULL",
          mlpbn_workspace_gradients_f32(&floats, NULL, f32.workspace));
    FAILS(MLPBN_EINVAL, "workspace|NULL",
          mlpbn_workspace_gradients_f32(&floats, &n, NULL));
    FAILS(MLPBN_EINVAL, "data|NULL",
          mlpbn_workspace_gradients_f64(NULL, &n, f64.workspace));
    FAILS(MLPBN_EINVAL, "n|NULL",
          mlpbn_workspace_gradients_f64(&doubles, NULL, f64.workspace));
    FAILS(MLPBN_EINVAL, "workspace|NULL",
          mlpbn_workspace_gradients_f64(&doubles, &n, NULL));
    FAILS(MLPBN_EDTYPE, "f32|f64",
          mlpbn_workspace_gradients_f32(&floats, &n, f64.workspace));
    FAILS(MLPBN_EDTYPE, "f32|f64",
          mlpbn_workspace_gradients_f64(&doubles, &n, f32.workspace));
    ck_assert(floats == api_untouched() && doubles == api_untouched() && n == 2385);
    world_free(&f32);
    world_free(&f64);
}
END_TEST

/* --- A workspace in the caller's memory --------------------------------------------- */

enum { GUARD = 64, JUNK = 0xA5 };

/* Memory full of junk, more than asked for on both sides. */
struct place {
    unsigned char *block, *memory;
    size_t bytes;
};

static struct place make_place(const mlpbn_network *network,
                               const mlpbn_workspace_options *options)
{
    struct place place;
    OK(mlpbn_workspace_size(&place.bytes, network, options));
    const size_t room = place.bytes + 2 * GUARD + MLPBN_WORKSPACE_ALIGNMENT;
    place.block = api_alloc(room, 1);
    memset(place.block, JUNK, room);
    const size_t shift =
        MLPBN_WORKSPACE_ALIGNMENT - (uintptr_t)place.block % MLPBN_WORKSPACE_ALIGNMENT;
    place.memory = place.block + GUARD + shift - GUARD % MLPBN_WORKSPACE_ALIGNMENT;
    return place;
}

static void assert_guards(const struct place *place)
{
    for (size_t i = 0; i < GUARD; i++) {
        ck_assert_uint_eq(place->memory[-1 - (ptrdiff_t)i], JUNK);
        ck_assert_uint_eq(place->memory[place->bytes + i], JUNK);
    }
}

/* Whatever the memory held: the bits of a workspace that was created. */
START_TEST(a_placed_workspace_computes_the_same)
{
    struct world w, other;
    double y[WORLD_ROWS * WORLD_OUTPUTS], expected[WORLD_ROWS * WORLD_OUTPUTS];
    mlpbn_workspace_options options = MLPBN_WORKSPACE_OPTIONS_INIT;

    world_make(&w, api_dtypes[_i]);
    world_make(&other, api_dtypes[_i]);
    options.max_batch = WORLD_MAX;
    struct place place = make_place(w.network, &options);
    mlpbn_workspace_destroy(w.workspace);
    OK(mlpbn_workspace_create_in(&w.workspace, place.memory, place.bytes, w.network,
                                 &options));
    ck_assert_ptr_eq((void *)w.workspace, (void *)place.memory);
    OK(api_predict(w.network, w.workspace, &w.data.rows, y));
    OK(api_predict(other.network, other.workspace, &other.data.rows, expected));
    api_assert_same(y, expected, sizeof y, "outputs");
    world_assert_twins(&w, &other);
    assert_guards(&place);
    world_free(&w);
    free(place.block);
    world_free(&other);
}
END_TEST

START_TEST(a_place_for_prediction_is_smaller)
{
    struct world w;
    double y[WORLD_ROWS * WORLD_OUTPUTS];
    mlpbn_workspace_options options = MLPBN_WORKSPACE_OPTIONS_INIT;
    mlpbn_workspace *workspace;
    size_t training;

    world_make(&w, api_dtypes[_i]);
    OK(mlpbn_workspace_size(&training, w.network, NULL));
    options.mode = MLPBN_PREDICT;
    struct place place = make_place(w.network, &options);
    ck_assert_uint_lt(place.bytes, training);
    OK(mlpbn_workspace_create_in(&workspace, place.memory, place.bytes, w.network,
                                 &options));
    OK(api_predict(w.network, workspace, &w.data.rows, y));
    mlpbn_workspace_destroy(workspace);
    assert_guards(&place);
    free(place.block);
    world_free(&w);
}
END_TEST

START_TEST(place_refuses_bad_arguments)
{
    struct world w;
    mlpbn_workspace_options options = MLPBN_WORKSPACE_OPTIONS_INIT;
    mlpbn_workspace *workspace = api_untouched();
    char few[100];
    size_t bytes = 2385;

    world_make(&w, MLPBN_F32);
    struct place place = make_place(w.network, NULL);
    FAILS(MLPBN_EINVAL, "bytes|NULL", mlpbn_workspace_size(NULL, w.network, NULL));
    FAILS(MLPBN_EINVAL, "network|NULL", mlpbn_workspace_size(&bytes, NULL, NULL));
    FAILS(MLPBN_EINVAL, "workspace|NULL",
          mlpbn_workspace_create_in(NULL, place.memory, place.bytes, w.network, NULL));
    FAILS(MLPBN_EINVAL, "memory|NULL",
          mlpbn_workspace_create_in(&workspace, NULL, place.bytes, w.network, NULL));
    FAILS(MLPBN_EINVAL, "network|NULL",
          mlpbn_workspace_create_in(&workspace, place.memory, place.bytes, NULL, NULL));
    FAILS(MLPBN_EINVAL, "memory|64|8",
          mlpbn_workspace_create_in(&workspace, place.memory + 8, place.bytes, w.network,
                                    NULL));
    snprintf(few, sizeof few, "bytes|%zu|%zu", place.bytes, place.bytes - 1);
    FAILS(MLPBN_EINVAL, few,
          mlpbn_workspace_create_in(&workspace, place.memory, place.bytes - 1, w.network,
                                    NULL));
    options.max_batch = SIZE_MAX / 16;
    FAILS(MLPBN_ESIZE, "", mlpbn_workspace_size(&bytes, w.network, &options));
    FAILS(MLPBN_ESIZE, "",
          mlpbn_workspace_create_in(&workspace, place.memory, place.bytes, w.network,
                                    &options));
    options.max_batch = 0;
    FAILS(MLPBN_EINVAL, "max_batch", mlpbn_workspace_size(&bytes, w.network, &options));
    options.max_batch = 8;
    options.threads = 2;
    FAILS(MLPBN_EINVAL, "threads|1|2", mlpbn_workspace_size(&bytes, w.network, &options));
    options.threads = 0;
    FAILS(MLPBN_EINVAL, "threads|1|0",
          mlpbn_workspace_create_in(&workspace, place.memory, place.bytes, w.network,
                                    &options));
    ck_assert_ptr_eq(workspace, api_untouched());
    ck_assert_uint_eq(bytes, 2385);
    for (size_t i = 0; i < place.bytes; i++)
        ck_assert_uint_eq(place.memory[i], JUNK);
    free(place.block);
    world_free(&w);
}
END_TEST

/* --- A workspace for prediction ----------------------------------------------------- */

START_TEST(a_predicting_workspace_does_not_train)
{
    struct world w, untouched;
    mlpbn_workspace_options options;
    mlpbn_workspace *workspace;
    mlpbn_metrics metrics = api_metrics();
    const mlpbn_metrics empty = metrics;
    double y[WORLD_ROWS * WORLD_OUTPUTS] = {2.375},
                          dy[WORLD_ROWS * WORLD_OUTPUTS] = {1.385};

    world_make(&w, api_dtypes[_i]);
    world_make(&untouched, api_dtypes[_i]);
    OK(mlpbn_workspace_options_init(&options, sizeof options));
    options.mode = MLPBN_PREDICT;
    OK(mlpbn_workspace_create(&workspace, w.network, &options));
    const mlpbn_rows *rows = &w.data.rows;
    FAILS(MLPBN_ESTATE, "MLPBN_PREDICT",
          mlpbn_gradient(w.network, workspace, rows, NULL, &metrics));
    FAILS(MLPBN_ESTATE, "MLPBN_PREDICT",
          mlpbn_train_step(w.network, w.optimizer, workspace, rows, NULL, &metrics));
    FAILS(MLPBN_ESTATE, "MLPBN_PREDICT", api_forward(w.network, workspace, rows, y));
    FAILS(MLPBN_ESTATE, "MLPBN_PREDICT",
          api_backward(w.network, workspace, WORLD_ROWS, dy, NULL));
    FAILS(MLPBN_ESTATE, "MLPBN_PREDICT",
          mlpbn_optimizer_step(w.optimizer, w.network, workspace));
    FAILS(MLPBN_ESTATE, "MLPBN_PREDICT", mlpbn_commit_statistics(w.network, workspace));
    FAILS(MLPBN_ESTATE, "MLPBN_PREDICT", api_has_gradient(w.network, workspace));
    api_assert_same(&metrics, &empty, sizeof metrics, "metrics");
    ck_assert(y[0] == 2.375 && y[1] == 0);
    mlpbn_workspace_destroy(workspace);
    world_assert_twins(&w, &untouched);
    world_free(&w);
    world_free(&untouched);
}
END_TEST

/* --- A workspace of another network ------------------------------------------------- */

/* Every call that takes both refuses them. */
static void assert_strangers(struct world *w, mlpbn_workspace *workspace)
{
    mlpbn_metrics metrics = api_metrics();
    const mlpbn_metrics empty = metrics;
    const mlpbn_rows *rows = &w->data.rows;
    double y[WORLD_ROWS * WORLD_OUTPUTS] = {2.375},
                          dy[WORLD_ROWS * WORLD_OUTPUTS] = {1.385};

    FAILS(MLPBN_EMISMATCH, "workspace|mlpbn_workspace_create",
          mlpbn_gradient(w->network, workspace, rows, NULL, &metrics));
    FAILS(MLPBN_EMISMATCH, "workspace",
          mlpbn_train_step(w->network, w->optimizer, workspace, rows, NULL, &metrics));
    FAILS(MLPBN_EMISMATCH, "workspace",
          mlpbn_evaluate(w->network, workspace, rows, NULL, &metrics));
    FAILS(MLPBN_EMISMATCH, "workspace",
          mlpbn_optimizer_step(w->optimizer, w->network, workspace));
    FAILS(MLPBN_EMISMATCH, "workspace", mlpbn_commit_statistics(w->network, workspace));
    FAILS(MLPBN_EMISMATCH, "workspace", api_predict(w->network, workspace, rows, y));
    FAILS(MLPBN_EMISMATCH, "workspace", api_forward(w->network, workspace, rows, y));
    FAILS(MLPBN_EMISMATCH, "workspace",
          api_backward(w->network, workspace, WORLD_ROWS, dy, NULL));
    api_assert_same(&metrics, &empty, sizeof metrics, "metrics");
    ck_assert(y[0] == 2.375 && y[1] == 0);
}

/* The other workspace holds a gradient, so that nothing but its network is wrong. */
START_TEST(a_workspace_of_another_network_is_refused)
{
    struct world w, other, untouched;
    double y[WORLD_ROWS * WORLD_OUTPUTS] = {0};

    world_make(&w, api_dtypes[_i]);
    world_make(&other, api_dtypes[_i]);
    world_make(&untouched, api_dtypes[_i]);
    OK(mlpbn_gradient(other.network, other.workspace, &other.data.rows, NULL, NULL));
    assert_strangers(&w, other.workspace);
    OK(api_forward(other.network, other.workspace, &other.data.rows, y));
    FAILS(MLPBN_EMISMATCH, "workspace",
          api_backward(w.network, other.workspace, WORLD_ROWS, y, NULL));
    world_assert_twins(&w, &untouched);
    world_free(&w);
    world_free(&other);
    world_free(&untouched);
}
END_TEST

/* A network of the same shape, quite likely at the same address. */
START_TEST(a_workspace_of_a_destroyed_network_is_refused)
{
    struct world w;

    world_make(&w, api_dtypes[_i]);
    mlpbn_workspace *old = api_workspace(w.network, WORLD_MAX, 1);
    OK(mlpbn_gradient(w.network, old, &w.data.rows, NULL, NULL));
    world_free(&w);
    world_make(&w, api_dtypes[_i]);
    assert_strangers(&w, old);
    mlpbn_workspace_destroy(old);
    world_free(&w);
}
END_TEST

START_TEST(a_workspace_of_a_clone_is_refused)
{
    struct world w, untouched;
    mlpbn_network *clone;

    world_make(&w, api_dtypes[_i]);
    world_make(&untouched, api_dtypes[_i]);
    OK(mlpbn_network_clone(&clone, w.network, api_dtypes[_i]));
    mlpbn_workspace *workspace = api_workspace(clone, WORLD_MAX, 1);
    OK(mlpbn_gradient(clone, workspace, &w.data.rows, NULL, NULL));
    assert_strangers(&w, workspace);
    world_assert_twins(&w, &untouched);
    mlpbn_workspace_destroy(workspace);
    mlpbn_network_destroy(clone);
    world_free(&w);
    world_free(&untouched);
}
END_TEST

Suite *workspace_suite(void)
{
    TCase *tests;
    Suite *suite = api_suite("workspace", &tests);
    tcase_add_loop_test(tests, a_placed_workspace_computes_the_same, 0, N_DTYPES);
    tcase_add_loop_test(tests, a_place_for_prediction_is_smaller, 0, N_DTYPES);
    tcase_add_test(tests, place_refuses_bad_arguments);
    tcase_add_loop_test(tests, create_refuses_bad_options, 0, LENGTH(bad_options));
    tcase_add_test(tests, create_refuses_null);
    tcase_add_loop_test(tests, create_reports_that_memory_is_short, 0, N_DTYPES);
    tcase_add_loop_test(tests, create_takes_defaults_and_extremes, 0, N_DTYPES);
    tcase_add_loop_test(tests, gradients_lie_as_parameters_do, 0, N_DTYPES);
    tcase_add_test(tests, gradients_refuse_bad_arguments);
    tcase_add_loop_test(tests, a_predicting_workspace_does_not_train, 0, N_DTYPES);
    tcase_add_loop_test(tests, a_workspace_of_another_network_is_refused, 0, N_DTYPES);
    tcase_add_loop_test(tests, a_workspace_of_a_destroyed_network_is_refused, 0,
                        N_DTYPES);
    tcase_add_loop_test(tests, a_workspace_of_a_clone_is_refused, 0, N_DTYPES);
    return suite;
}
