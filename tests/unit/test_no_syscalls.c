/* Prediction on one thread, after the first call: it allocates and frees no memory, locks
 * nothing, calls no BLAS and makes no system call, whatever the shape. System calls are
 * tested in a child process, which is killed by any but read, write and exit (seccomp). */
#if defined(__linux__)
#define _DEFAULT_SOURCE /* syscall */
#endif

#include "../runner/suites.h"
#include "wrap.h"

#include <mlpbn.h>

#if defined(MLPBN_TEST_WRAP) && defined(__linux__)

#include <linux/seccomp.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { LARGE = 300, CALLS = 3 };

static const struct shape {
    size_t inputs, units[3], batch;
    mlpbn_dtype rows;
} shapes[] = {
    {5, {4, 3, 2}, 1, MLPBN_U8},
    {37, {61, 19, 7}, 23, MLPBN_F32},
    /* where CBLAS would be at its best */
    {LARGE, {LARGE, LARGE, LARGE}, LARGE, MLPBN_F64},
    {3072, {LARGE, 50, 10}, LARGE, MLPBN_U8},
};

enum { CASES = 2 * LENGTH(shapes) };

/* A network with batchnorm before and after activations, a workspace in the test's memory,
 * and rows to predict from. */
static mlpbn_network *network;
static mlpbn_workspace *workspace;
static mlpbn_rows rows;
static void *memory, *data, *outputs;

static void make_network(const struct shape *shape, mlpbn_dtype dtype)
{
    mlpbn_network_options options = MLPBN_NETWORK_OPTIONS_INIT(shape->inputs);
    mlpbn_batchnorm_options before = MLPBN_BATCHNORM_OPTIONS_INIT, after = before;
    mlpbn_layer_options layers[] = {
        MLPBN_LAYER_OPTIONS_INIT(shape->units[0], MLPBN_GELU),
        MLPBN_LAYER_OPTIONS_INIT(shape->units[1], MLPBN_ELU),
        MLPBN_LAYER_OPTIONS_INIT(shape->units[2], MLPBN_SOFTMAX)};
    after.after_activation = 1;
    layers[0].batchnorm = &before;
    layers[1].batchnorm = &after;
    options.dtype = dtype;
    options.seed = 2385;
    SUCCEEDS(mlpbn_network_create(&network, &options, layers, 3));
}

static void make_case(int number)
{
    const struct shape *shape = shapes + number / 2;
    mlpbn_workspace_options options = MLPBN_WORKSPACE_OPTIONS_INIT;
    size_t bytes;
    make_network(shape, number % 2 ? MLPBN_F64 : MLPBN_F32);
    options.max_batch = shape->batch;
    options.mode = MLPBN_PREDICT;
    SUCCEEDS(mlpbn_workspace_size(&bytes, network, &options));
    memory = aligned_alloc(MLPBN_WORKSPACE_ALIGNMENT, bytes);
    ck_assert_ptr_nonnull(memory);
    SUCCEEDS(mlpbn_workspace_create_in(&workspace, memory, bytes, network, &options));
    data = calloc(shape->batch * shape->inputs, sizeof(double));
    outputs = calloc(shape->batch * shape->units[2], sizeof(double));
    ck_assert(data && outputs);
    for (size_t i = 0; i < shape->batch * shape->inputs; i++) {
        const double value = (double)(i * 7919 % 251);
        if (shape->rows == MLPBN_U8)
            ((uint8_t *)data)[i] = (uint8_t)value;
        else if (shape->rows == MLPBN_F32)
            ((float *)data)[i] = (float)value / 97;
        else
            ((double *)data)[i] = value / 97;
    }
    rows = (mlpbn_rows)MLPBN_ROWS_INIT(data, shape->rows, shape->batch, shape->inputs);
    if (shape->batch > 1)
        SUCCEEDS(mlpbn_network_fit_standardization(network, &rows));
}

static void free_case(void)
{
    mlpbn_workspace_destroy(workspace);
    mlpbn_network_destroy(network);
    free(memory);
    free(data);
    free(outputs);
}

static mlpbn_status predict(void)
{
    return mlpbn_network_dtype(network) == MLPBN_F32
               ? mlpbn_predict_f32(network, workspace, &rows, outputs)
               : mlpbn_predict_f64(network, workspace, &rows, outputs);
}

LOOP_TEST(prediction_takes_no_memory_and_no_lock, CASES)
{
    make_case(_i);
    int failures = predict() != MLPBN_OK;
    const long before = calls_that_may_wait, products = calls_of_blas;
    for (int call = 0; call < CALLS; call++)
        failures += predict() != MLPBN_OK;
    const long after = calls_that_may_wait;
    ck_assert_int_eq(failures, 0);
    ck_assert_int_eq(after - before, 0);
    ck_assert_int_eq(calls_of_blas - products, 0);
    free_case();
}

/* Ends the process by exit, since exit_group, which exit() calls, is not allowed. */
static void exit_strictly(int status)
{
    for (;;)
        syscall(SYS_exit, status);
}

/* The child: predicts; if breaks_rules, it also makes a system call that is not allowed. */
static void predict_strictly(int breaks_rules)
{
    int failures = predict() != MLPBN_OK;
    if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_STRICT, 0, 0, 0) != 0)
        exit_strictly(2);
    if (breaks_rules)
        syscall(SYS_getppid);
    for (int call = 0; call < CALLS; call++)
        failures += predict() != MLPBN_OK;
    exit_strictly(failures > 0);
}

/* Returns the wait status of a child that predicts under the rules of seccomp. */
static int status_of_child(int breaks_rules)
{
    int status = -1;
    const pid_t child = fork();
    ck_assert_int_ge(child, 0);
    if (child == 0) {
        alarm(60); /* should it hang */
        predict_strictly(breaks_rules);
    }
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    return status;
}

/* Whether an emulator, or valgrind, which makes system calls of its own, or the thread sanitizer,
 * whose own thread keeps the process alive, is there: then the test cannot run. */
static int is_instrumented(void)
{
    const char *preloaded = getenv("LD_PRELOAD");
    return IS_EMULATED || HAS_TSAN || (preloaded && strstr(preloaded, "vgpreload"));
}

/* A second child makes system calls and must be killed: this shows that the test can fail. */
LOOP_TEST(prediction_makes_no_system_call, CASES)
{
    if (is_instrumented())
        return;
    make_case(_i);
    const int status = status_of_child(0), broken = status_of_child(1);
    ck_assert_msg(WIFEXITED(status), "killed by signal %d", WTERMSIG(status));
    ck_assert_int_eq(WEXITSTATUS(status), 0);
    ck_assert(WIFSIGNALED(broken) && WTERMSIG(broken) == SIGKILL);
    free_case();
}

#endif
