/* Input at the edge of what is accepted, which once broke a later call. */
#if defined(__linux__)
#define _GNU_SOURCE /* pthread_setattr_default_np */
#endif
#include "api_calls.h"
#include "file_helpers.h"

#include <pthread.h>
#include <sys/resource.h>
#include <unistd.h>

/* A penalty that is infinite in float would leave NaN in the gradients' padding. A step after
 * a computation that failed must not take the gradient of the one before. */
DTYPE_TEST(a_refused_computation_leaves_no_trace)
{
    mlpbn_loss_options loss = api_loss_options(MLPBN_SOFTMAX_CROSS_ENTROPY, 2.385e38);
    const struct setup s = setup_default(dtype);
    mlpbn_rows bad = s.rows;
    if (dtype == MLPBN_F32)
        INVALID("lambda|2.385e+38", call_rows(GRADIENT, &s, &s.rows, &loss));
    loss.lambda = 0.0385;
    OK(call_rows(GRADIENT, &s, &s.rows, &loss));
    bad.labels = NULL;
    INVALID("labels", call_rows(GRADIENT, &s, &bad, NULL));
    FAILS(MLPBN_ESTATE, "gradient|nothing|mlpbn_gradient", setup_update(&s));
}

/* What was never initialized, or is shorter than n, must not be read to its alleged end: n is
 * compared with max_batch before. */
TEST(absurd_sizes)
{
    const size_t absurd = SIZE_MAX / 2 + 1;
    const struct setup s = setup_default(MLPBN_F32);
    mlpbn_workspace *workspace = api_untouched();
    mlpbn_workspace_options options = MLPBN_WORKSPACE_OPTIONS_INIT;
    mlpbn_rows rows = s.rows;
    char said[64];
    options.struct_size = absurd;
    snprintf(said, sizeof said, "struct_size|%zu", absurd);
    INVALID(said, mlpbn_workspace_create(&workspace, s.network, &options));
    ck_assert_ptr_eq(workspace, api_untouched());
    rows.n_data = rows.n;
    rows.index = api_alloc(1, sizeof *rows.index);
    rows.n = absurd;
    snprintf(said, sizeof said, "max_batch|%zu", absurd);
    FAILS(MLPBN_EBATCH, said, call_rows(GRADIENT, &s, &rows, NULL));
}

static const double sizes[] = {1e-170, 1e160, 2.385e-300};

LOOP_TEST(deviations_at_the_ends_of_double, LENGTH(sizes))
{
    mlpbn_network *network = NETWORK(MLPBN_F64, 1, {1});
    const double x[] = {sizes[_i], 3 * sizes[_i]};
    const mlpbn_rows rows = MLPBN_ROWS_INIT(x, MLPBN_F64, 2, 1);
    double mean, deviation;
    OK(mlpbn_network_fit_standardization(network, &rows));
    OK(mlpbn_network_get_standardization(network, &mean, &deviation, 1));
    ck_assert(fabs(mean / (2 * sizes[_i]) - 1) < 4 * DBL_EPSILON);
    ck_assert(fabs(deviation / (sqrt(2) * sizes[_i]) - 1) < 4 * DBL_EPSILON);
}

/* 1 / std must neither overflow nor vanish in float; bytes far out must be noticed. */
TEST(standardizations_that_float_cannot_hold)
{
    mlpbn_network *network = NETWORK(MLPBN_F32, 1, {1});
    const double bad[] = {2.385e46, 1e-39}, tiny = 3.85e-38, mean = 0.61;
    const uint8_t byte = 251;
    const mlpbn_rows rows = MLPBN_ROWS_INIT(&byte, MLPBN_U8, 1, 1);
    double y = 0;
    for (size_t i = 0; i < LENGTH(bad); i++)
        NONFINITE("std", mlpbn_network_set_standardization(network, &mean, bad + i, 1));
    OK(mlpbn_network_set_standardization(network, &mean, &tiny, 1));
    NONFINITE("row 0|column 0",
              api_predict(network, api_workspace(network, 1, 1), &rows, &y));
}

TEST(an_eps_that_a_clone_cannot_hold)
{
    const mlpbn_batchnorm_options batchnorm = {
        sizeof batchnorm, 1e-100, 0.9, 0, 1, 1, 0, 0};
    mlpbn_network *copy = api_untouched();
    NONFINITE("layer 0|1e-100",
              mlpbn_network_clone(
                  &copy,
                  NETWORK(MLPBN_F64, 2, {3}, .batchnorm_mask = 1, .norm = &batchnorm),
                  MLPBN_F32));
    ck_assert_ptr_eq(copy, api_untouched());
}

#if defined(__linux__) && !HAS_ASAN && !HAS_TSAN
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
static char refuses_threads(const mlpbn_network *network)
{
    mlpbn_workspace *workspace = NULL;
    mlpbn_workspace_options options = MLPBN_WORKSPACE_OPTIONS_INIT;
    if (!leave_little_room())
        return 0;
    options.threads = 1024;
    const mlpbn_status status = mlpbn_workspace_create(&workspace, network, &options);
    if (status == MLPBN_OK)
        return count_threads(0) == 1;
    return status == MLPBN_ENOMEM && workspace == NULL &&
           api_mentions(mlpbn_last_error(), "1024|threads");
}

static void tell_refusal(const void *network, int end)
{
    const char refused = refuses_threads(network);
    if (write(end, &refused, 1) != 1)
        _exit(1);
}

/* A system that starts no more threads is a status, not the end of the process. */
TEST(threads_that_do_not_start)
{
    if (IS_EMULATED)
        return;
    const mlpbn_network *network = setup_default(MLPBN_F32).network;
    const struct snapshot refused = bytes_of_child(tell_refusal, network);
    ck_assert(refused.size == 1 && refused.bytes[0]);
}
#endif
