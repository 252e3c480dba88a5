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
static mlpbn_workspace *computing;
static mlpbn_rows rows;
static const float numbers[ROWS * INPUTS] = {2.385F, -1.61F, 0.7F, 3.1F,
                                             9.25F,  0.1F,   5.5F};
static const size_t index_list[ROWS] = {5, 3, 1, 0, 2, 4};
static const int32_t labels[ROWS] = {0, 1, 2, 3, 0, 1};

/* A handle to be made, which a call that fails must not touch. */
static union {
    void *any;
    mlpbn_network *network;
    mlpbn_workspace *workspace;
    mlpbn_optimizer *optimizer;
    mlpbn_sampler *sampler;
    mlpbn_gradcheck_report *report;
    mlpbn_history *history;
} made;

static mlpbn_status create_with(mlpbn_init init)
{
    static const mlpbn_batchnorm_options batchnorm = MLPBN_BATCHNORM_OPTIONS_INIT;
    mlpbn_network_options options = MLPBN_NETWORK_OPTIONS_INIT(INPUTS);
    mlpbn_layer_options layers[] = {MLPBN_LAYER_OPTIONS_INIT(3, MLPBN_RELU),
                                    MLPBN_LAYER_OPTIONS_INIT(4, MLPBN_IDENTITY)};
    layers[0].init = layers[1].init = init;
    layers[0].batchnorm = &batchnorm;
    return mlpbn_network_create(&made.network, &options, layers, 2);
}

static mlpbn_status create_threaded_workspace(void)
{
    mlpbn_workspace_options options = MLPBN_WORKSPACE_OPTIONS_INIT;
    options.threads = 3;
    return mlpbn_workspace_create(&made.workspace, network, &options);
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

/* Imports what the network is exported as; the export allocates nothing. */
static mlpbn_status import_onnx(void)
{
    file_size = file_read = 0;
    mlpbn_status status = mlpbn_export_onnx_to(network, &writer, NULL);
    return status ? status : mlpbn_import_onnx_from(&made.network, &reader);
}

/* Standardizes the network, which allocates, then saves or loads it. What is loaded was saved
 * just before, with failures off, so that only allocations of the load fail. */
static mlpbn_status access_file(int is_checkpoint, int loads)
{
    static const double mean[INPUTS] = {2.385, 0.1}, std[INPUTS] = {1, 1.61, 3, 0.7, 2};
    const long left = allocations_until_failure;
    mlpbn_checkpoint parts = MLPBN_CHECKPOINT_INIT;
    parts.network = network;
    file_size = file_read = 0;
    mlpbn_status status = mlpbn_network_set_standardization(network, mean, std, INPUTS);
    if (loads)
        allocations_until_failure = -1;
    if (!status)
        status = is_checkpoint ? mlpbn_checkpoint_save_to(&parts, &writer)
                               : mlpbn_network_save_to(network, &writer);
    if (loads)
        allocations_until_failure = left;
    if (!status && loads)
        status = is_checkpoint ? mlpbn_checkpoint_load_from(&parts, &reader)
                               : mlpbn_network_load_from(&made.network, &reader, NULL);
    mlpbn_status removed = mlpbn_network_set_standardization(network, NULL, NULL, 0);
    return status ? status : removed;
}

static void remove_file(void)
{
    ck_assert_int_eq(remove("/tmp/mlpbn-allocation"), 0);
}

static const char checkpoint[] = "/tmp/mlpbn-allocation-fit";

static mlpbn_status fit_network(const char *path)
{
    mlpbn_fit_options options = MLPBN_FIT_OPTIONS_INIT;
    options.epochs = 2;
    options.threads = 1;
    options.validation_share = 0.385;
    options.checkpoint = path;
    void *untouched = made.any;
    mlpbn_status status = mlpbn_fit(network, NULL, &rows, NULL, &options, &made.history);
    if (status && made.any != untouched) { /* it failed after training began */
        mlpbn_history_destroy(made.history);
        made.any = untouched;
    }
    return status;
}

/* The first run has no checkpoint to load. */
static mlpbn_status save_fit(void)
{
    remove(checkpoint);
    return fit_network(checkpoint);
}

/* With failures off, the run is saved; then it is loaded, and is finished. */
static mlpbn_status load_fit(void)
{
    const long left = allocations_until_failure;
    void *untouched = made.any;
    allocations_until_failure = -1;
    mlpbn_status status = save_fit();
    if (status)
        return status;
    mlpbn_history_destroy(made.history);
    made.any = untouched;
    allocations_until_failure = left;
    return fit_network(checkpoint);
}

/* A metric; a call that fails leaves it. */
static double score;

#define CALL(name, call)                                                                 \
    static mlpbn_status name(void)                                                       \
    {                                                                                    \
        return call;                                                                     \
    }
CALL(create_network, create_with(MLPBN_INIT_HE))
CALL(create_orthogonal_network, create_with(MLPBN_INIT_ORTHOGONAL))
CALL(clone_network, mlpbn_network_clone(&made.network, network, MLPBN_F64))
CALL(fold_network, mlpbn_fold(&made.network, network, NULL, NULL))
CALL(create_workspace, mlpbn_workspace_create(&made.workspace, network, NULL))
CALL(create_optimizer, mlpbn_optimizer_create(&made.optimizer, network, NULL))
CALL(create_sampler, mlpbn_sampler_create(&made.sampler, &rows, NULL))
CALL(fit, mlpbn_network_fit_standardization(network, &rows))
CALL(fit_only, fit_network(NULL))
CALL(classify, mlpbn_classify(network, NULL, &rows, (int32_t[ROWS]){0}, NULL))
CALL(recompute, mlpbn_recompute_statistics(network, computing, &rows))
CALL(check_gradient, mlpbn_gradcheck(&made.report, network, &rows, NULL, NULL))
CALL(roc_auc, mlpbn_roc_auc(&score, numbers, MLPBN_F32, ROWS, 4, labels, NULL, NULL))
CALL(average_precision,
     mlpbn_average_precision(&score, numbers, MLPBN_F32, ROWS, 4, labels, NULL, NULL))
CALL(calibration_error,
     mlpbn_calibration_error(&score, numbers + 5, MLPBN_F32, 1, 1, labels, NULL, 15))
CALL(export_c, mlpbn_export_c_to(network, &writer, NULL))
CALL(save_network, access_file(0, 0))
CALL(load_network, access_file(0, 1))
CALL(save_checkpoint, access_file(1, 0))
CALL(load_checkpoint, access_file(1, 1))
CALL(save_network_to_path, mlpbn_network_save(network, "/tmp/mlpbn-allocation"))

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
DESTROY(history, history)

static const struct {
    mlpbn_status (*call)(void);
    void (*destroy)(void);
    long allocations;
} calls[] = {
    {create_network, destroy_network, 4},
    {create_orthogonal_network, destroy_network, 5}, /* the room of Gram-Schmidt */
    {clone_network, destroy_network, 3},
    {create_workspace, destroy_workspace, 1},
    {create_optimizer, destroy_optimizer, 1},
    {create_sampler, destroy_sampler, 1},
    {create_threaded_workspace, destroy_workspace, MLPBN_TEST_THREADS ? 2 : 1}, /* pool */
    {fit, NULL, 1},
    {fold_network, destroy_network, 8},
    {import_onnx, destroy_network, 10},
    {roc_auc, NULL, 1},
    {average_precision, NULL, 1},
    {calibration_error, NULL, 1},
    {export_c, NULL, 0},
    {check_gradient, destroy_gradcheck, 15},
    {recompute, NULL, 4},
    {save_network, NULL, 15},
    {save_network_to_path, remove_file, 12},
    {load_network, destroy_network, 23},
    {save_checkpoint, NULL, 12},
    {load_checkpoint, NULL, 18},
    {classify, NULL, 2},
    {fit_only, destroy_history, 10},
    {save_fit, destroy_history, 72},
    {load_fit, destroy_history, 58},
};

static void set_up(void)
{
    allocations_until_failure = -1;
    ck_assert_int_eq(create_network(), MLPBN_OK);
    network = made.network;
    ck_assert_int_eq(mlpbn_workspace_create(&computing, network, NULL), MLPBN_OK);
    rows = (mlpbn_rows)MLPBN_ROWS_INIT(numbers, MLPBN_F32, ROWS, INPUTS);
    rows.n_data = ROWS;
    rows.index = index_list;
    rows.labels = labels;
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
        score = 2.385;
        allocations_until_failure = n;
        status = calls[_i].call();
        allocations_until_failure = -1;
        if (status == MLPBN_ENOMEM) {
            ck_assert_ptr_eq(made.any, &untouched);
            ck_assert(score == 2.385);
            ck_assert_str_ne(mlpbn_last_error(), "");
        }
    }
    ck_assert_int_eq(status, MLPBN_OK);
    ck_assert_int_eq(n - 1, calls[_i].allocations);
    if (calls[_i].destroy)
        calls[_i].destroy();

    double mean[INPUTS], deviation[INPUTS];
    SUCCEEDS(mlpbn_network_get_standardization(network, mean, deviation, INPUTS));
    ck_assert(calls[_i].call == fit || (mean[0] == 0 && deviation[0] == 1));
}

/* "No computation allocates": with none allowed, all of them work. */
TEST(computing_allocates_nothing)
{
    mlpbn_optimizer *optimizer;
    mlpbn_sampler *sampler;
    mlpbn_metrics metrics = MLPBN_METRICS_INIT;
    mlpbn_rows batch = rows;
    float y[ROWS * 4], dx[ROWS * INPUTS];
    ck_assert_int_eq(mlpbn_optimizer_create(&optimizer, network, NULL), MLPBN_OK);
    ck_assert_int_eq(mlpbn_sampler_create(&sampler, &rows, NULL), MLPBN_OK);
    allocations_until_failure = 0; /* Check's assertions allocate: they come after */
    int failures = 0;
    failures += mlpbn_sampler_next(&batch, sampler) != MLPBN_OK;
    failures += mlpbn_train_step(network, optimizer, computing, &batch, NULL, &metrics) !=
                MLPBN_OK;
    failures += mlpbn_gradient(network, computing, &batch, NULL, &metrics) != MLPBN_OK;
    failures += mlpbn_optimizer_step(optimizer, network, computing) != MLPBN_OK;
    failures += mlpbn_forward_f32(network, computing, &batch, y) != MLPBN_OK;
    failures += mlpbn_backward_f32(network, computing, y, dx) != MLPBN_OK;
    failures += mlpbn_predict_f32(network, computing, &batch, y) != MLPBN_OK;
    failures += mlpbn_evaluate(network, computing, &rows, NULL, &metrics) != MLPBN_OK;
    long left = allocations_until_failure;
    allocations_until_failure = -1;
    ck_assert_int_eq(failures, 0);
    ck_assert_int_eq(left, 0);
    mlpbn_sampler_destroy(sampler);
    mlpbn_optimizer_destroy(optimizer);
}

#endif
