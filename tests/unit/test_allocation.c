/* Every call that allocates, with its n-th allocation failing, for every n: it returns
 * MLPBN_ENOMEM, changes nothing, and leaks nothing (the sanitizers and valgrind watch). */
#define SET_UP set_up
#define TEAR_DOWN tear_down
#include "../runner/suites.h"
#include "wrap.h"

#include <mlpbn.h>

#ifdef MLPBN_TEST_WRAP

#include <string.h>

enum { INPUTS = 5, ROWS = 6 };

static mlpbn_network *network;
static mlpbn_rows rows;
static const float numbers[ROWS * INPUTS] = {2.385F, -1.61F, 0.7F, 3.1F,
                                             9.25F,  0.1F,   5.5F};
static const size_t index_list[ROWS] = {5, 3, 1, 0, 2, 4};

/* A handle to be made, which a call that fails must not touch. */
static union {
    void *any;
    mlpbn_network *network;
    mlpbn_workspace *workspace;
    mlpbn_optimizer *optimizer;
    mlpbn_sampler *sampler;
    mlpbn_gradcheck_report *report;
} made;

static mlpbn_status create_with(mlpbn_init init)
{
    mlpbn_network_options options;
    mlpbn_layer_options layers[2];
    mlpbn_batchnorm_options batchnorm;
    mlpbn_status status = mlpbn_network_options_init(&options, sizeof options);
    if (!status)
        status = mlpbn_batchnorm_options_init(&batchnorm, sizeof batchnorm);
    for (size_t l = 0; l < 2 && !status; l++) {
        status = mlpbn_layer_options_init(layers + l, sizeof *layers);
        layers[l].units = 3 + l;
        layers[l].init = init;
    }
    if (status)
        return status;
    layers[0].batchnorm = &batchnorm;
    options.inputs = INPUTS;
    return mlpbn_network_create(&made.network, &options, layers, 2);
}

static mlpbn_status create_network(void)
{
    return create_with(MLPBN_INIT_HE);
}

/* One more: the room that Gram-Schmidt takes. */
static mlpbn_status create_orthogonal_network(void)
{
    return create_with(MLPBN_INIT_ORTHOGONAL);
}

static mlpbn_status clone_network(void)
{
    return mlpbn_network_clone(&made.network, network, MLPBN_F64);
}

static mlpbn_status create_workspace(void)
{
    return mlpbn_workspace_create(&made.workspace, network, NULL);
}

/* One more: the pool that holds its threads. */
static mlpbn_status create_threaded_workspace(void)
{
    mlpbn_workspace_options options;
    mlpbn_status status = mlpbn_workspace_options_init(&options, sizeof options);
    if (status)
        return status;
    options.threads = 3;
    return mlpbn_workspace_create(&made.workspace, network, &options);
}

static mlpbn_status create_optimizer(void)
{
    return mlpbn_optimizer_create(&made.optimizer, network, NULL);
}

static mlpbn_status create_sampler(void)
{
    return mlpbn_sampler_create(&made.sampler, &rows, NULL);
}

static mlpbn_status fit(void)
{
    return mlpbn_network_fit_standardization(network, &rows);
}

static mlpbn_workspace *computing;

static mlpbn_status recompute(void)
{
    return mlpbn_recompute_statistics(network, computing, &rows);
}

static mlpbn_status check_gradient(void)
{
    static const int32_t labels[ROWS] = {0, 1, 2, 3, 0, 1};
    rows.labels = labels;
    return mlpbn_gradcheck(&made.report, network, &rows, NULL, NULL);
}

/* A file in memory. */
static char file[20000];
static size_t file_size, file_read;

static int write_file(void *context, const void *bytes, size_t n)
{
    (void)context;
    if (n > sizeof file - file_size)
        return 1;
    memcpy(file + file_size, bytes, n);
    file_size += n;
    return 0;
}

static int read_file(void *context, void *bytes, size_t n, size_t *got)
{
    (void)context;
    *got = n < file_size - file_read ? n : file_size - file_read;
    memcpy(bytes, file + file_read, *got);
    file_read += *got;
    return 0;
}

static const mlpbn_writer writer = MLPBN_WRITER_INIT(write_file, NULL);
static const mlpbn_reader reader = MLPBN_READER_INIT(read_file, NULL);

/* Writes it first, which takes no memory. */
static mlpbn_status import_onnx(void)
{
    file_size = file_read = 0;
    mlpbn_status status = mlpbn_export_onnx_to(network, &writer, NULL);
    return status ? status : mlpbn_import_onnx_from(&made.network, &reader);
}

static mlpbn_status export_c(void)
{
    file_size = 0;
    return mlpbn_export_c_to(network, &writer, NULL);
}

#if MLPBN_JANSSON

/* jansson's own allocations cannot be made to fail from here: --wrap does not reach into a
 * shared library, and its json_set_alloc_funcs would be for the whole process. */

/* Calls with the network standardized, which takes memory, too. */
static mlpbn_status standardized(mlpbn_status (*call)(void))
{
    static const double mean[INPUTS] = {2.385, 0.1}, std[INPUTS] = {1, 1.61, 3, 0.7, 2};
    mlpbn_status status = mlpbn_network_set_standardization(network, mean, std, INPUTS);
    if (!status)
        status = call();
    mlpbn_status removed = mlpbn_network_set_standardization(network, NULL, NULL, 0);
    return status ? status : removed;
}

static mlpbn_status save_as_is(void)
{
    file_size = 0;
    return mlpbn_network_save_to(network, &writer);
}

static mlpbn_status save_network(void)
{
    return standardized(save_as_is);
}

/* One more than without standardization: the name of path.tmp. */
static mlpbn_status save_network_to_path(void)
{
    return mlpbn_network_save(network, "/tmp/mlpbn-allocation");
}

static void remove_file(void)
{
    ck_assert_int_eq(remove("/tmp/mlpbn-allocation"), 0);
}

static mlpbn_status load_network(void)
{
    long left = allocations_until_failure;
    allocations_until_failure = -1;
    mlpbn_status status = save_network();
    allocations_until_failure = left;
    file_read = 0;
    return status ? status : mlpbn_network_load_from(&made.network, &reader, NULL);
}

static mlpbn_status save_checkpoint_as_is(void)
{
    mlpbn_checkpoint parts = MLPBN_CHECKPOINT_INIT;
    parts.network = network;
    file_size = 0;
    return mlpbn_checkpoint_save_to(&parts, &writer);
}

static mlpbn_status save_checkpoint(void)
{
    return standardized(save_checkpoint_as_is);
}

static mlpbn_status load_checkpoint_as_is(void)
{
    long left = allocations_until_failure;
    allocations_until_failure = -1;
    mlpbn_status status = save_checkpoint_as_is();
    allocations_until_failure = left;
    mlpbn_checkpoint parts = MLPBN_CHECKPOINT_INIT;
    parts.network = network;
    file_read = 0;
    return status ? status : mlpbn_checkpoint_load_from(&parts, &reader);
}

static mlpbn_status load_checkpoint(void)
{
    return standardized(load_checkpoint_as_is);
}

#endif

static mlpbn_status fold_network(void)
{
    return mlpbn_fold(&made.network, network, NULL, NULL);
}

#define DESTROY(type, handle)                                                            \
    static void destroy_##type(void)                                                     \
    {                                                                                    \
        mlpbn_##type##_destroy(made.handle);                                             \
    }
DESTROY(network, network)
DESTROY(workspace, workspace)
DESTROY(optimizer, optimizer)
DESTROY(sampler, sampler)
DESTROY(gradcheck, report)
static void destroy_nothing(void) {}

static const struct {
    mlpbn_status (*call)(void);
    void (*destroy)(void);
    long allocations;
} calls[] = {
    {create_network, destroy_network, 4},
    {create_orthogonal_network, destroy_network, 5},
    {clone_network, destroy_network, 3},
    {create_workspace, destroy_workspace, 1},
    {create_optimizer, destroy_optimizer, 1},
    {create_sampler, destroy_sampler, 1},
    {create_threaded_workspace, destroy_workspace, MLPBN_TEST_THREADS ? 2 : 1},
    {fit, destroy_nothing, 1},
    {fold_network, destroy_network, 8},
    {import_onnx, destroy_network, 10},
    {export_c, destroy_nothing, 0},
    {check_gradient, destroy_gradcheck, 11},
    {recompute, destroy_nothing, 4},
#if MLPBN_JANSSON
    {save_network, destroy_nothing, 9},
    {save_network_to_path, remove_file, 5},
    {load_network, destroy_network, 17},
    {save_checkpoint, destroy_nothing, 6},
    {load_checkpoint, destroy_nothing, 9},
#endif
};

static void set_up(void)
{
    allocations_until_failure = -1;
    ck_assert_int_eq(create_network(), MLPBN_OK);
    network = made.network;
    ck_assert_int_eq(mlpbn_workspace_create(&computing, network, NULL), MLPBN_OK);
    ck_assert_int_eq(mlpbn_rows_init(&rows, sizeof rows), MLPBN_OK);
    rows.data = numbers;
    rows.dtype = MLPBN_F32;
    rows.columns = INPUTS;
    rows.n = rows.n_data = ROWS;
    rows.index = index_list;
}

static void tear_down(void)
{
    allocations_until_failure = -1;
    mlpbn_workspace_destroy(computing);
    mlpbn_network_destroy(network);
}

LOOP_TEST(nth_allocation_fails, LENGTH(calls))
{
    char untouched;
    long n = 0;
    mlpbn_status status = MLPBN_ENOMEM;
    for (; status == MLPBN_ENOMEM; n++) {
        made.any = &untouched;
        allocations_until_failure = n;
        status = calls[_i].call();
        allocations_until_failure = -1;
        if (status == MLPBN_ENOMEM) {
            ck_assert_ptr_eq(made.any, &untouched);
            ck_assert_str_ne(mlpbn_last_error(), "");
        }
    }
    ck_assert_int_eq(status, MLPBN_OK);
    ck_assert_int_eq(n - 1, calls[_i].allocations);
    calls[_i].destroy();

    double mean[INPUTS], deviation[INPUTS];
    ck_assert_int_eq(mlpbn_network_get_standardization(network, mean, deviation, INPUTS),
                     MLPBN_OK);
    ck_assert(calls[_i].call == fit || (mean[0] == 0 && deviation[0] == 1));
}

/* "No computation allocates": with none allowed, all of them work. */
TEST(computing_allocates_nothing)
{
    mlpbn_workspace *workspace;
    mlpbn_optimizer *optimizer;
    mlpbn_sampler *sampler;
    mlpbn_metrics metrics;
    mlpbn_rows batch;
    float y[ROWS * 4], dx[ROWS * INPUTS];
    int32_t labels[ROWS] = {0, 1, 2, 3, 0, 1};
    rows.labels = labels;
    ck_assert_int_eq(mlpbn_metrics_init(&metrics, sizeof metrics), MLPBN_OK);
    ck_assert_int_eq(mlpbn_rows_init(&batch, sizeof batch), MLPBN_OK);
    ck_assert_int_eq(mlpbn_workspace_create(&workspace, network, NULL), MLPBN_OK);
    ck_assert_int_eq(mlpbn_optimizer_create(&optimizer, network, NULL), MLPBN_OK);
    ck_assert_int_eq(mlpbn_sampler_create(&sampler, &rows, NULL), MLPBN_OK);
    allocations_until_failure = 0; /* Check's assertions allocate: they come after */
    int failures = 0;
    failures += mlpbn_sampler_next(&batch, sampler) != MLPBN_OK;
    failures += mlpbn_train_step(network, optimizer, workspace, &batch, NULL, &metrics) !=
                MLPBN_OK;
    failures += mlpbn_gradient(network, workspace, &batch, NULL, &metrics) != MLPBN_OK;
    failures += mlpbn_optimizer_step(optimizer, network, workspace) != MLPBN_OK;
    failures += mlpbn_forward_f32(network, workspace, &batch, y) != MLPBN_OK;
    failures += mlpbn_backward_f32(network, workspace, y, dx) != MLPBN_OK;
    failures += mlpbn_predict_f32(network, workspace, &batch, y) != MLPBN_OK;
    failures += mlpbn_evaluate(network, workspace, &rows, NULL, &metrics) != MLPBN_OK;
    long left = allocations_until_failure;
    allocations_until_failure = -1;
    ck_assert_int_eq(failures, 0);
    ck_assert_int_eq(left, 0);
    mlpbn_sampler_destroy(sampler);
    mlpbn_optimizer_destroy(optimizer);
    mlpbn_workspace_destroy(workspace);
}

#endif
