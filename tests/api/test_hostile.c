/* Input at the edge of what is accepted, which once broke a later call. */
#if defined(__linux__)
#define _GNU_SOURCE /* pthread_setattr_default_np */
#endif
#include "api_helpers.h"

#include <dirent.h>
#include <float.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

/* A penalty that is infinite in float would leave NaN in the gradients' padding. */
START_TEST(a_refused_lambda_leaves_no_trace)
{
    mlpbn_loss_options loss = api_loss_options(MLPBN_SOFTMAX_CROSS_ENTROPY, 2.385e38);
    struct world world;
    world_make(&world, MLPBN_F32);
    FAILS(MLPBN_EINVAL, "lambda|2.385e+38",
          mlpbn_gradient(world.network, world.workspace, &world.data.rows, &loss, NULL));
    loss.lambda = 0.0385;
    OK(mlpbn_gradient(world.network, world.workspace, &world.data.rows, &loss, NULL));
    world_free(&world);
}
END_TEST

/* A step after a computation that failed must not take the gradient of the one before. */
START_TEST(a_failed_computation_gives_the_gradient_up)
{
    struct world world;
    world_make(&world, api_dtypes[_i]);
    OK(mlpbn_gradient(world.network, world.workspace, &world.data.rows, NULL, NULL));
    mlpbn_rows bad = world.data.rows;
    bad.labels = NULL;
    FAILS(MLPBN_EINVAL, "labels",
          mlpbn_gradient(world.network, world.workspace, &bad, NULL, NULL));
    FAILS(MLPBN_ESTATE, "gradient|nothing|mlpbn_gradient",
          mlpbn_optimizer_step(world.optimizer, world.network, world.workspace));
    world_free(&world);
}
END_TEST

/* What was never initialized must not be read to its alleged end. */
START_TEST(an_absurd_struct_size)
{
    mlpbn_workspace *workspace = api_untouched();
    mlpbn_workspace_options options;
    struct world world;
    world_make(&world, MLPBN_F32);
    OK(mlpbn_workspace_options_init(&options, sizeof options));
    options.struct_size = (size_t)1 << 40;
    FAILS(MLPBN_EINVAL, "struct_size|1099511627776",
          mlpbn_workspace_create(&workspace, world.network, &options));
    ck_assert_ptr_eq(workspace, api_untouched());
    world_free(&world);
}
END_TEST

/* n is compared with max_batch before the index list is read to its alleged end. */
START_TEST(a_batch_longer_than_its_index)
{
    struct world world;
    size_t *index = malloc(sizeof *index);
    world_make(&world, MLPBN_F32);
    *index = 0;
    mlpbn_rows rows = world.data.rows;
    rows.n_data = rows.n;
    rows.index = index;
    rows.n = (size_t)1 << 40;
    FAILS(MLPBN_EBATCH, "max_batch|1099511627776",
          mlpbn_gradient(world.network, world.workspace, &rows, NULL, NULL));
    free(index);
    world_free(&world);
}
END_TEST

START_TEST(next_rows_that_are_not_there)
{
    struct world world;
    world_make(&world, MLPBN_F32);
    mlpbn_rows rows = world.data.rows;
    const size_t past[] = {0, 1, rows.n}, huge[] = {SIZE_MAX};
    rows.next_index = past;
    rows.n_next = 3;
    FAILS(MLPBN_EINDEX, "next_index[2]|n_data",
          mlpbn_gradient(world.network, world.workspace, &rows, NULL, NULL));
    rows.n_next = 2;
    OK(mlpbn_gradient(world.network, world.workspace, &rows, NULL, NULL));
    rows.next_index = huge;
    rows.n_next = 1;
    FAILS(MLPBN_EINDEX, "next_index[0]|n_data",
          mlpbn_gradient(world.network, world.workspace, &rows, NULL, NULL));
    rows.next_index = NULL; /* nothing is known, however many */
    rows.n_next = SIZE_MAX;
    OK(mlpbn_gradient(world.network, world.workspace, &rows, NULL, NULL));
    world_free(&world);
}
END_TEST

START_TEST(deviations_at_the_ends_of_double)
{
    static const double sizes[] = {1e-170, 1e160, 2.385e-300};
    for (size_t s = 0; s < LENGTH(sizes); s++) {
        const struct recipe recipe = {.dtype = MLPBN_F64, .inputs = 1, .units = {1}};
        mlpbn_network *network = api_network(&recipe);
        const double x[] = {sizes[s], 3 * sizes[s]};
        double mean, deviation;
        mlpbn_rows rows;
        OK(mlpbn_rows_init(&rows, sizeof rows));
        rows.data = x;
        rows.dtype = MLPBN_F64;
        rows.n = 2;
        rows.columns = 1;
        OK(mlpbn_network_fit_standardization(network, &rows));
        OK(mlpbn_network_get_standardization(network, &mean, &deviation, 1));
        ck_assert(fabs(mean / (2 * sizes[s]) - 1) < 4 * DBL_EPSILON);
        ck_assert(fabs(deviation / (sqrt(2) * sizes[s]) - 1) < 4 * DBL_EPSILON);
        mlpbn_network_destroy(network);
    }
}
END_TEST

/* 1 / std must neither overflow nor vanish in float; bytes far out must be noticed. */
START_TEST(standardizations_that_float_cannot_hold)
{
    const struct recipe recipe = {.dtype = MLPBN_F32, .inputs = 1, .units = {1}};
    mlpbn_network *network = api_network(&recipe);
    mlpbn_workspace *workspace = api_workspace(network, 1, 1);
    double mean = 0.61, y = 0;
    static const double refused[] = {2.385e46, 1e-39};
    for (size_t i = 0; i < LENGTH(refused); i++)
        FAILS(MLPBN_ENONFINITE, "std",
              mlpbn_network_set_standardization(network, &mean, refused + i, 1));
    const double tiny = 3.85e-38;
    OK(mlpbn_network_set_standardization(network, &mean, &tiny, 1));
    const uint8_t byte = 251;
    mlpbn_rows rows;
    OK(mlpbn_rows_init(&rows, sizeof rows));
    rows.data = &byte;
    rows.dtype = MLPBN_U8;
    rows.n = rows.columns = 1;
    FAILS(MLPBN_ENONFINITE, "row 0|column 0", api_predict(network, workspace, &rows, &y));
    mlpbn_workspace_destroy(workspace);
    mlpbn_network_destroy(network);
}
END_TEST

/* 1 - 1e-9 is 1 in float: a velocity that never fades. */
START_TEST(a_momentum_that_rounds_to_one)
{
    mlpbn_optimizer_options options;
    OK(mlpbn_optimizer_options_init(&options, sizeof options));
    options.momentum = 1 - 1e-9;
    for (size_t d = 0; d < N_DTYPES; d++) {
        const struct recipe recipe = {.dtype = api_dtypes[d], .inputs = 1, .units = {1}};
        mlpbn_network *network = api_network(&recipe);
        mlpbn_optimizer *optimizer = NULL;
        if (api_dtypes[d] == MLPBN_F32)
            FAILS(MLPBN_EINVAL, "momentum",
                  mlpbn_optimizer_create(&optimizer, network, &options));
        else
            OK(mlpbn_optimizer_create(&optimizer, network, &options));
        mlpbn_optimizer_destroy(optimizer);
        mlpbn_network_destroy(network);
    }
}
END_TEST

START_TEST(an_eps_that_a_clone_cannot_hold)
{
    mlpbn_batchnorm_options batchnorm = api_batchnorm_options();
    batchnorm.eps = 1e-100;
    const struct recipe recipe = {.dtype = MLPBN_F64,
                                  .inputs = 2,
                                  .units = {3},
                                  .batchnorm = 1,
                                  .batchnorm_options = &batchnorm};
    mlpbn_network *network = api_network(&recipe), *copy = api_untouched();
    FAILS(MLPBN_ENONFINITE, "layer 0|1e-100",
          mlpbn_network_clone(&copy, network, MLPBN_F32));
    ck_assert_ptr_eq(copy, api_untouched());
    mlpbn_network_destroy(network);
}
END_TEST

#if defined(__linux__) && !API_ASAN && !API_TSAN
static int running_threads(void)
{
    int n = 0;
    DIR *tasks = opendir("/proc/self/task");
    for (struct dirent *task; tasks && (task = readdir(tasks));)
        n += task->d_name[0] != '.';
    if (tasks)
        closedir(tasks);
    return n;
}

/* Leaves room for one thread's stack. What is left then is for valgrind, which would end
 * where it gets no memory itself. */
static int leave_little_room(void)
{
    const size_t stack = (size_t)400 << 20, rest = (size_t)360 << 20;
    unsigned long pages = 0;
    pthread_attr_t attributes;
    FILE *file = fopen("/proc/self/statm", "r");
    int read_all = file && fscanf(file, "%lu", &pages) == 1;
    if (file)
        fclose(file);
    const rlim_t bytes = (rlim_t)pages * (rlim_t)sysconf(_SC_PAGESIZE) + stack + rest;
    const struct rlimit little = {bytes, bytes};
    return read_all && pthread_attr_init(&attributes) == 0 &&
           pthread_attr_setstacksize(&attributes, stack) == 0 &&
           pthread_setattr_default_np(&attributes) == 0 &&
           pthread_attr_destroy(&attributes) == 0 && setrlimit(RLIMIT_AS, &little) == 0;
}

/* In a process that has no room for their stacks: out of memory, or no threads at all
 * in a library that was built without. */
static int refuses_threads(const mlpbn_network *network)
{
    mlpbn_workspace *workspace = NULL;
    mlpbn_workspace_options options;

    if (mlpbn_workspace_options_init(&options, sizeof options) || !leave_little_room())
        return 0;
    options.threads = 1024;
    const mlpbn_status status = mlpbn_workspace_create(&workspace, network, &options);
    if (status == MLPBN_OK)
        return running_threads() == 1;
    return status == MLPBN_ENOMEM && workspace == NULL &&
           api_mentions(mlpbn_last_error(), "1024|threads");
}

/* A system that starts no more threads is a status, not the end of the process. */
START_TEST(threads_that_do_not_start)
{
    const struct recipe recipe = {.dtype = MLPBN_F32, .inputs = 2, .units = {3}};
    mlpbn_network *network = api_network(&recipe);
    int ends[2];
    char refused = 0;

    ck_assert_int_eq(pipe(ends), 0);
    const pid_t child = fork();
    ck_assert_int_ge(child, 0);
    if (child == 0) { /* valgrind has a use of its own for exit codes */
        refused = (char)refuses_threads(network);
        mlpbn_network_destroy(network);
        _exit(write(ends[1], &refused, 1) != 1);
    }
    close(ends[1]);
    ck_assert_int_eq(read(ends[0], &refused, 1), 1);
    ck_assert(refused);
    close(ends[0]);
    ck_assert_int_eq(waitpid(child, NULL, 0), child);
    mlpbn_network_destroy(network);
}
END_TEST
#define TEST_THREADS(tests) tcase_add_test(tests, threads_that_do_not_start)
#else
#define TEST_THREADS(tests) (void)(tests)
#endif

Suite *hostile_suite(void)
{
    TCase *tests;
    Suite *suite = api_suite("hostile", &tests);
    tcase_add_test(tests, a_refused_lambda_leaves_no_trace);
    tcase_add_loop_test(tests, a_failed_computation_gives_the_gradient_up, 0, N_DTYPES);
    tcase_add_test(tests, an_absurd_struct_size);
    tcase_add_test(tests, a_batch_longer_than_its_index);
    tcase_add_test(tests, next_rows_that_are_not_there);
    tcase_add_test(tests, deviations_at_the_ends_of_double);
    tcase_add_test(tests, standardizations_that_float_cannot_hold);
    tcase_add_test(tests, a_momentum_that_rounds_to_one);
    tcase_add_test(tests, an_eps_that_a_clone_cannot_hold);
    TEST_THREADS(tests);
    return suite;
}
