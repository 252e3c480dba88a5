/* The same bits at any number of threads and in every run; calls that may run at once. */
#if defined(__linux__)
#define _GNU_SOURCE /* sched_setaffinity */
#endif

#include "file_helpers.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <time.h>
#include <unistd.h>

/* --- The same bits ------------------------------------------------------------------ */

enum { MAX_BATCH = 64 };

static const struct spec shapes[] = {
    {300, .units = {70, 33}, .batchnorm_mask = 1},
    {300, .units = {70, 33, 10}, .batchnorm_mask = 3, .no_bias_mask = 1},
    {515, .units = {57, 10}},
    {17, .units = {300, 5}, .batchnorm_mask = 3},
    {33, .units = {70, 65, 60, 3}, .batchnorm_mask = 3},
    {5, .units = {4, 3}, .batchnorm_mask = 1},
    {33, .units = {70, 65, 3}, .batchnorm_mask = 1, .dropout = 0.2385},
};

/* Adds the metrics and gradients of a loss, the metrics of an evaluation, the outputs of prediction
 * and of the forward pass, and dx and the gradients of a backward pass. */
static void add_results(struct snapshot *result, const struct setup *s,
                        const mlpbn_loss_options *loss)
{
    mlpbn_metrics metrics = setup_metrics(s, loss);
    snapshot_add(result, &metrics, sizeof metrics);
    snapshot_add_array(result, api_gradients(s->network, s->workspace));
    metrics = setup_evaluate(s, loss);
    snapshot_add(result, &metrics, sizeof metrics);
    snapshot_add_array(result, setup_predict(s));
    const double *y = setup_forward(s);
    snapshot_add_array(result, y);
    snapshot_add_array(result, setup_backward(s, y));
    snapshot_add_array(result, api_gradients(s->network, s->workspace));
}

/* Trains on batches of various sizes, by one call and by two in turn, and returns
 * everything that can be seen then. */
static struct snapshot trained(const struct spec *spec, int threads)
{
    static const size_t batches[] = {64, 37, 5, 64};
    struct setup s = setup_of(spec, MLPBN_U8, MAX_BATCH);
    s.workspace = api_workspace(s.network, MAX_BATCH, threads);
    s.optimizer = api_optimizer(s.network, 0.0173, 0.873, 1);
    OK(mlpbn_network_fit_standardization(s.network, &s.rows));
    for (size_t step = 0; step < LENGTH(batches); step++) {
        s.rows.n = batches[step];
        if (step % 2) {
            setup_step(&s, &api_penalized);
        } else {
            OK(mlpbn_gradient(s.network, s.workspace, &s.rows, &api_penalized, NULL));
            OK(setup_update(&s));
        }
    }
    struct snapshot result = snapshot_take(s.network);
    s.rows.n = MAX_BATCH - 3;
    add_results(&result, &s, &api_penalized);
    return result;
}

LOOP_DTYPE_TEST(any_number_of_threads_gives_the_same_bits, LENGTH(shapes))
{
    static const int threads[] = {1, 2, 3, 4, 7, 0}; /* 1 again: every run alike */
    const struct spec *spec = spec_of(&shapes[_i], dtype);
    const struct snapshot expected = trained(spec, 1);
    for (size_t t = 0; t < LENGTH(threads); t++) {
        const struct snapshot got = trained(spec, threads[t]);
        ck_assert_msg(snapshot_equal(&got, &expected), "%d threads differ", threads[t]);
    }
}

/* --- At once ------------------------------------------------------------------------ */

enum {
    WORKERS = 5,
    ROUNDS = 20,
    PREDICTORS = 8,      /* threads */
    PREDICTED_ROWS = 43, /* by each */
    WIDTH = 61           /* inputs, and units of each layer */
};

/* Runs the function with each of n arguments of this size, in a thread each. */
static void run_threads(void *(*function)(void *), void *arguments, size_t n, size_t size)
{
    pthread_t threads[16];
    ck_assert_uint_le(n, LENGTH(threads));
    for (size_t i = 0; i < n; i++)
        ck_assert_int_eq(pthread_create(&threads[i], NULL, function,
                                        (unsigned char *)arguments + i * size),
                         0);
    for (size_t i = 0; i < n; i++)
        ck_assert_int_eq(pthread_join(threads[i], NULL), 0);
}

/* One thread's own rows and results; the network is everybody's. Check's assertions are
 * for the main thread, so statuses are kept. */
struct worker {
    struct setup s;
    double y[PREDICTED_ROWS * WIDTH];
    mlpbn_metrics metrics, scores;
    mlpbn_status status;
};

static void *predict(void *argument)
{
    struct worker *w = argument;
    for (int round = 0; round < 3 && !w->status; round++)
        w->status = api_predict(w->s.network, w->s.workspace, &w->s.rows, w->y);
    return NULL;
}

static void *compute(void *argument)
{
    struct worker *w = argument;
    const struct setup *s = &w->s;
    for (int round = 0; round < ROUNDS && !w->status; round++) {
        w->status = api_predict(s->network, s->workspace, &s->rows, w->y);
        if (!w->status)
            w->status =
                mlpbn_evaluate(s->network, s->workspace, &s->rows, NULL, &w->scores);
        if (!w->status)
            w->status =
                mlpbn_gradient(s->network, s->workspace, &s->rows, NULL, &w->metrics);
    }
    return NULL;
}

static struct worker *make_worker(struct worker *w, mlpbn_network *network, size_t i)
{
    *w = (struct worker){.s = {.network = network}, .status = MLPBN_OK};
    w->metrics = w->scores = api_metrics();
    w->s.workspace = api_workspace(network, SETUP_MAX, i % 2 ? 2 : 1);
    w->s.rows =
        data_make(MLPBN_F32, SETUP_ROWS, SETUP_INPUTS, SETUP_OUTPUTS, 300 + i).rows;
    return w;
}

/* Prediction, evaluation and gradients on one const network from many threads. */
TEST(a_network_is_shared_by_threads)
{
    static struct worker workers[WORKERS], alone;
    mlpbn_network *network = setup_default(MLPBN_F32).network;
    const struct snapshot before = snapshot_take(network);
    for (size_t i = 0; i < WORKERS; i++)
        make_worker(&workers[i], network, i);
    run_threads(compute, workers, WORKERS, sizeof *workers);
    for (size_t i = 0; i < WORKERS; i++) {
        const struct worker *got = &workers[i];
        compute(make_worker(&alone, network, i));
        OK(got->status);
        OK(alone.status);
        api_assert_same(got->y, alone.y, sizeof got->y, "y");
        api_assert_same(&got->metrics, &alone.metrics, sizeof got->metrics, "metrics");
        api_assert_same(&got->scores, &alone.scores, sizeof got->scores, "evaluation");
        api_assert_same_arrays(api_gradients(network, got->s.workspace),
                               api_gradients(network, alone.s.workspace), "gradient");
    }
    snapshot_assert(&before, network, "sharing");
}

/* Each predicts with a workspace in memory of its own. */
DTYPE_TEST(eight_threads_predict_the_bits_of_one)
{
    static struct worker workers[PREDICTORS + 1];
    const mlpbn_workspace_options options = OPTIONS(
        workspace, .max_batch = PREDICTED_ROWS, .mode = MLPBN_PREDICT, .threads = 1);
    size_t bytes;
    void *memory;
    struct setup s =
        SETUP(MLPBN_U8, PREDICTED_ROWS, dtype, WIDTH, {WIDTH, WIDTH, WIDTH},
              .batchnorm_mask = 3, .hidden = MLPBN_SILU, .last = MLPBN_SOFTMAX);
    OK(mlpbn_network_fit_standardization(s.network, &s.rows));
    OK(mlpbn_workspace_size(&bytes, s.network, &options));
    for (size_t i = 0; i <= PREDICTORS; i++) {
        ck_assert_int_eq(posix_memalign(&memory, MLPBN_WORKSPACE_ALIGNMENT, bytes), 0);
        api_own(memory, free);
        OK(mlpbn_workspace_create_in(&s.workspace, memory, bytes, s.network, &options));
        workers[i] = (struct worker){.s = s};
    }
    run_threads(predict, workers, PREDICTORS, sizeof *workers);
    predict(&workers[PREDICTORS]);
    for (size_t i = 0; i <= PREDICTORS; i++) {
        OK(workers[i].status);
        api_assert_same(workers[i].y, workers[PREDICTORS].y, sizeof workers[i].y,
                        "outputs");
    }
}

/* A setup for each thread: nothing is shared, nor disturbed. */
static void *train(void *argument)
{
    struct setup *s = argument;
    mlpbn_status status = MLPBN_OK;
    for (int step = 0; step < ROUNDS && !status; step++)
        status = mlpbn_train_step(s->network, s->optimizer, s->workspace, &s->rows, NULL,
                                  NULL);
    s->rows.n = status ? 0 : s->rows.n;
    return NULL;
}

DTYPE_TEST(networks_are_trained_side_by_side)
{
    struct setup setups[WORKERS + 1];
    for (size_t i = 0; i <= WORKERS; i++)
        setups[i] = setup_default(dtype);
    run_threads(train, setups, WORKERS, sizeof *setups);
    train(&setups[WORKERS]);
    for (size_t i = 0; i <= WORKERS; i++) {
        ck_assert_uint_eq(setups[i].rows.n, SETUP_ROWS); /* 0 after a failure */
        api_assert_equal(setups[i].network, setups[WORKERS].network, "side by side");
    }
}

/* --- The workspace's own threads ---------------------------------------------------- */

/* A network large enough that its workspace's threads have work, one step old. */
static struct setup make_busy(void)
{
    struct setup s = SETUP(MLPBN_U8, MAX_BATCH, MLPBN_F32, 300, {70, 33});
    s.workspace = api_workspace(s.network, MAX_BATCH, 4);
    OK(mlpbn_network_fit_standardization(s.network, &s.rows));
    setup_step(&s, NULL);
    return s;
}

static void pause_ms(long milliseconds)
{
    const struct timespec time = {0, milliseconds * 1000000};
    nanosleep(&time, NULL);
}

/* Between calls they use no CPU. Spinning, one alone would take all of this time. */
TEST(idle_threads_use_no_cpu)
{
    make_busy();
    pause_ms(50);
    const clock_t before = clock();
    pause_ms(400);
    const double used = (double)(clock() - before) / CLOCKS_PER_SEC;
    ck_assert_msg(used < 0.1, "%g s of CPU in 0.4 s of rest", used);
}

#if defined(__linux__)
/* How many threads a workspace starts. An ended one may still be listed: wait for that. */
static size_t started(const mlpbn_network *network, size_t max_batch, int threads)
{
    const size_t before = count_threads(0);
    mlpbn_workspace *workspace = api_workspace(network, max_batch, threads);
    const size_t after = count_threads(0);
    api_destroy(workspace);
    for (int i = 0; i < 100 && count_threads(0) > before; i++)
        pause_ms(10);
    return after - before;
}

/* OMP_NUM_THREADS does not count. 0 threads: one for each CPU that the process may run on,
 * but none where there is little to do. */
TEST(threads_are_started_as_asked)
{
    cpu_set_t all, one;
    size_t first = 0;
    const mlpbn_network *network = make_busy().network;
    /* A build may have no threads at all. */
    const int in_build = started(network, MAX_BATCH, 2) > 0;
    for (int i = 0; i < 2; i++) {
        ck_assert_uint_eq(started(network, MAX_BATCH, 1), 0);
        ck_assert_uint_eq(started(network, MAX_BATCH, 3), in_build ? 2 : 0);
        ck_assert_int_eq(setenv("OMP_NUM_THREADS", "1", 1), 0);
    }
    ck_assert_int_eq(unsetenv("OMP_NUM_THREADS"), 0);
    ck_assert_int_eq(sched_getaffinity(0, sizeof all, &all), 0);
    const size_t cpus = (size_t)CPU_COUNT(&all);
    ck_assert_uint_eq(started(network, MAX_BATCH, 0), in_build ? cpus - 1 : 0);
    ck_assert_uint_eq(started(network, 1, 0), 0);
    while (!CPU_ISSET(first, &all))
        first++;
    CPU_ZERO(&one);
    CPU_SET(first, &one);
    ck_assert_int_eq(sched_setaffinity(0, sizeof one, &one), 0);
    ck_assert_uint_eq(started(network, MAX_BATCH, 0), 0);
    ck_assert_int_eq(sched_setaffinity(0, sizeof all, &all), 0);
}
#endif

static void take_signal(int number)
{
    (void)number;
}

/* Sends the process a signal that this thread blocks; returns whether no other thread took it. */
static int signal_stays_pending(const sigset_t *set)
{
    sigset_t pending;
    int number = 0;
    ck_assert_int_eq(kill(getpid(), SIGUSR1), 0);
    pause_ms(50);
    ck_assert_int_eq(sigpending(&pending), 0);
    if (sigismember(&pending, SIGUSR1) != 1)
        return 0;
    ck_assert_int_eq(sigwait(set, &number), 0);
    return 1;
}

/* A signal that does not stay pending may have been taken by another thread of the process, such as
 * one of a BLAS. So it is sent again without the workspace: if it does not stay pending then
 * either, the test tells nothing. */
TEST(threads_take_no_signals)
{
    struct sigaction action = {.sa_handler = take_signal}, kept;
    sigset_t set, old;
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    ck_assert_int_eq(sigaction(SIGUSR1, &action, &kept), 0);
    /* The workspace is made before the signal is blocked: its threads do not inherit that mask. */
    const struct setup s = make_busy();
    ck_assert_int_eq(pthread_sigmask(SIG_BLOCK, &set, &old), 0);
    const int stays = signal_stays_pending(&set);
    api_destroy(s.workspace);
    ck_assert(stays || !signal_stays_pending(&set));
    ck_assert_int_eq(pthread_sigmask(SIG_SETMASK, &old, NULL), 0);
    ck_assert_int_eq(sigaction(SIGUSR1, &kept, NULL), 0);
}

/* --- After fork --------------------------------------------------------------------- */

/* One more step of an inherited workspace, whose threads are gone, and training with a new
 * one. */
static struct snapshot go_on(const struct setup *s)
{
    setup_step(s, NULL);
    struct snapshot result = snapshot_take(s->network);
    const struct snapshot other =
        trained(spec_of(&shapes[0], MLPBN_F32), HAS_TSAN ? 1 : 3);
    snapshot_add(&result, other.bytes, other.size);
    return result;
}

/* alarm() ends the child should it hang. */
static void go_on_in_child(const void *setup, int end)
{
    const struct setup *s = setup;
    alarm(100);
    const struct snapshot result = go_on(s);
    ssize_t size = 1;
    for (size_t sent = 0; sent < result.size && size > 0; sent += (size_t)size)
        size = write(end, result.bytes + sent, result.size - sent);
    api_destroy(s->workspace);
}

/* A forked child has none of its parent's threads and must not wait for them; it gets the
 * same bits, and does not disturb its parent. */
TEST(a_forked_child_goes_on)
{
    if (IS_EMULATED)
        return;
    const struct setup s = make_busy();
#if defined(__linux__)
    /* The address sanitizer's allocator takes no care of fork: a thread that just starts, and
     * frees what it was started with, could leave it locked in the child for ever. */
    while (count_threads(1) > 1)
        pause_ms(1);
#endif
    const struct snapshot got = bytes_of_child(go_on_in_child, &s);
    const struct snapshot expected = go_on(&s);
    ck_assert_msg(got.size == expected.size, "the child sent %zu of %zu bytes", got.size,
                  expected.size);
    ck_assert(snapshot_equal(&got, &expected));
}
