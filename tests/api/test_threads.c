/* The same bits at any number of threads and in every run; calls that may run at once. */
#if defined(__linux__)
#define _GNU_SOURCE /* sched_setaffinity */
#endif

#include "api_helpers.h"

#include <dirent.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* --- The same bits ------------------------------------------------------------------ */

enum { MAX_BATCH = 64 };

static const struct recipe shapes[] = {
    {.inputs = 300, .units = {70, 33}, .batchnorm = 1},
    {.inputs = 300, .units = {70, 33, 10}, .batchnorm = 3, .no_bias = 1},
    {.inputs = 515, .units = {57, 10}},
    {.inputs = 17, .units = {300, 5}, .batchnorm = 3},
    {.inputs = 33, .units = {70, 65, 60, 3}, .batchnorm = 3},
    {.inputs = 5, .units = {4, 3}, .batchnorm = 1},
    {.inputs = 33, .units = {70, 65, 3}, .batchnorm = 1, .dropout = 0.2385},
};

static void add_metrics(struct snapshot *result, const mlpbn_network *network,
                        mlpbn_workspace *workspace, const mlpbn_rows *rows,
                        const mlpbn_loss_options *loss)
{
    mlpbn_metrics metrics = api_metrics();
    OK(mlpbn_gradient(network, workspace, rows, loss, &metrics));
    snapshot_add(result, &metrics, sizeof metrics);
    OK(mlpbn_evaluate(network, workspace, rows, loss, &metrics));
    snapshot_add(result, &metrics, sizeof metrics);
}

/* Outputs of both modes, the gradient of these, and with respect to the inputs. */
static void add_passes(struct snapshot *result, const mlpbn_network *network,
                       mlpbn_workspace *workspace, const mlpbn_rows *rows)
{
    const size_t n_x = rows->n * mlpbn_network_inputs(network);
    const size_t n_y = rows->n * mlpbn_network_outputs(network);
    double *y = api_alloc(n_y, sizeof *y), *dx = api_alloc(n_x, sizeof *dx);
    size_t n;

    OK(api_predict(network, workspace, rows, y));
    snapshot_add(result, y, n_y * sizeof *y);
    OK(api_forward(network, workspace, rows, y));
    snapshot_add(result, y, n_y * sizeof *y);
    OK(api_backward(network, workspace, rows->n, y, dx));
    snapshot_add(result, dx, n_x * sizeof *dx);
    double *gradients = api_gradients(network, workspace, &n);
    snapshot_add(result, gradients, n * sizeof *gradients);
    free(y);
    free(dx);
    free(gradients);
}

/* Trains on ragged batches, one step fused and the next one not, and gives everything
 * that came of it. */
static struct snapshot outcome(const struct recipe *recipe, mlpbn_dtype dtype,
                               int threads)
{
    static const size_t batches[] = {64, 37, 5, 64};
    struct recipe typed = *recipe;
    typed.dtype = dtype;
    const mlpbn_loss_options loss = api_loss_options(MLPBN_SOFTMAX_CROSS_ENTROPY, 0.0385);
    mlpbn_network *network = api_network(&typed);
    mlpbn_workspace *workspace = api_workspace(network, MAX_BATCH, threads);
    mlpbn_optimizer *optimizer = api_optimizer(network, 0.0173, 0.873, 1);
    struct data data;

    data_make(&data, MLPBN_U8, MAX_BATCH, recipe->inputs, mlpbn_network_outputs(network),
              3);
    OK(mlpbn_network_fit_standardization(network, &data.rows));
    for (size_t step = 0; step < LENGTH(batches); step++) {
        data.rows.n = batches[step];
        if (step % 2) {
            OK(mlpbn_train_step(network, optimizer, workspace, &data.rows, &loss, NULL));
        } else {
            OK(mlpbn_gradient(network, workspace, &data.rows, &loss, NULL));
            OK(mlpbn_optimizer_step(optimizer, network, workspace));
        }
    }
    struct snapshot result = snapshot_take(network);
    data.rows.n = MAX_BATCH - 3;
    add_metrics(&result, network, workspace, &data.rows, &loss);
    add_passes(&result, network, workspace, &data.rows);
    data_free(&data);
    mlpbn_optimizer_destroy(optimizer);
    mlpbn_workspace_destroy(workspace);
    mlpbn_network_destroy(network);
    return result;
}

START_TEST(any_number_of_threads_gives_the_same_bits)
{
    static const int threads[] = {1, 2, 3, 4, 7, 0}; /* 1 again: every run alike */
    for (size_t d = 0; d < N_DTYPES; d++) {
        struct snapshot expected = outcome(&shapes[_i], api_dtypes[d], 1);
        for (size_t t = 0; t < LENGTH(threads); t++) {
            struct snapshot got = outcome(&shapes[_i], api_dtypes[d], threads[t]);
            ck_assert_msg(snapshot_equal(&got, &expected), "f%d, %d threads: other bits",
                          api_dtypes[d] == MLPBN_F32 ? 32 : 64, threads[t]);
            snapshot_free(&got);
        }
        snapshot_free(&expected);
    }
}
END_TEST

/* --- At once ------------------------------------------------------------------------ */

enum { WORKERS = 5, ROUNDS = 20 };

/* One thread's own rows and results; the network is everybody's. Check's assertions are
 * for the main thread, so statuses are kept. */
struct worker {
    const mlpbn_network *network;
    mlpbn_workspace *workspace;
    struct data data;
    float y[WORLD_ROWS * WORLD_OUTPUTS];
    mlpbn_metrics metrics, scores;
    mlpbn_status status;
};

static void *compute(void *argument)
{
    struct worker *w = argument;
    const mlpbn_rows *rows = &w->data.rows;
    for (int round = 0; round < ROUNDS && !w->status; round++) {
        w->status = mlpbn_predict_f32(w->network, w->workspace, rows, w->y);
        if (!w->status)
            w->status = mlpbn_evaluate(w->network, w->workspace, rows, NULL, &w->scores);
        if (!w->status)
            w->status = mlpbn_gradient(w->network, w->workspace, rows, NULL, &w->metrics);
    }
    return NULL;
}

static void make_worker(struct worker *worker, const mlpbn_network *network,
                        size_t number)
{
    memset(worker, 0, sizeof *worker);
    worker->network = network;
    worker->workspace = api_workspace(network, WORLD_MAX, number % 2 ? 2 : 1);
    worker->metrics = api_metrics();
    worker->scores = api_metrics();
    data_make(&worker->data, MLPBN_F32, WORLD_ROWS, WORLD_INPUTS, WORLD_OUTPUTS,
              300 + number);
}

static void free_worker(struct worker *worker)
{
    mlpbn_workspace_destroy(worker->workspace);
    data_free(&worker->data);
}

static void assert_same_work(struct worker *got, struct worker *expected)
{
    size_t n;
    OK(got->status);
    OK(expected->status);
    api_assert_same(got->y, expected->y, sizeof got->y, "y");
    api_assert_same(&got->metrics, &expected->metrics, sizeof got->metrics, "metrics");
    api_assert_same(&got->scores, &expected->scores, sizeof got->scores, "evaluation");
    double *gradients = api_gradients(got->network, got->workspace, &n);
    double *others = api_gradients(expected->network, expected->workspace, &n);
    api_assert_same(gradients, others, n * sizeof *gradients, "gradient");
    free(gradients);
    free(others);
}

/* Prediction, evaluation and gradients on one const network from many threads. */
START_TEST(a_network_is_shared_by_threads)
{
    struct world world;
    struct worker workers[WORKERS], alone;
    pthread_t threads[WORKERS];

    world_make(&world, MLPBN_F32);
    struct snapshot before = snapshot_take(world.network);
    for (size_t i = 0; i < WORKERS; i++)
        make_worker(&workers[i], world.network, i);
    for (size_t i = 0; i < WORKERS; i++)
        ck_assert_int_eq(pthread_create(&threads[i], NULL, compute, &workers[i]), 0);
    for (size_t i = 0; i < WORKERS; i++)
        ck_assert_int_eq(pthread_join(threads[i], NULL), 0);
    for (size_t i = 0; i < WORKERS; i++) {
        make_worker(&alone, world.network, i);
        compute(&alone);
        assert_same_work(&workers[i], &alone);
        free_worker(&alone);
        free_worker(&workers[i]);
    }
    snapshot_assert(&before, world.network, "sharing");
    snapshot_free(&before);
    world_free(&world);
}
END_TEST

/* --- Prediction on eight threads, each with a workspace in memory of its own ---------- */

enum { EIGHT = 8, PREDICTIONS = 3, SIDE = 61, SERVED = 43 };

struct server {
    const mlpbn_network *network;
    mlpbn_workspace *workspace;
    void *memory;
    mlpbn_rows rows;
    double y[SERVED * SIDE];
    mlpbn_status status;
};

static void *serve(void *argument)
{
    struct server *s = argument;
    for (int i = 0; i < PREDICTIONS && !s->status; i++)
        s->status = api_predict(s->network, s->workspace, &s->rows, s->y);
    return NULL;
}

static void make_server(struct server *server, const mlpbn_network *network,
                        const mlpbn_rows *rows)
{
    mlpbn_workspace_options options = MLPBN_WORKSPACE_OPTIONS_INIT;
    size_t bytes;

    *server = (struct server){.network = network, .rows = *rows};
    options.max_batch = SERVED;
    options.mode = MLPBN_PREDICT;
    OK(mlpbn_workspace_size(&bytes, network, &options));
    ck_assert_int_eq(posix_memalign(&server->memory, MLPBN_WORKSPACE_ALIGNMENT, bytes),
                     0);
    OK(mlpbn_workspace_create_in(&server->workspace, server->memory, bytes, network,
                                 &options));
}

START_TEST(eight_threads_predict_the_bits_of_one)
{
    const struct recipe recipe = {.dtype = api_dtypes[_i],
                                  .inputs = SIDE,
                                  .units = {SIDE, SIDE, SIDE},
                                  .batchnorm = 3,
                                  .hidden = MLPBN_SILU,
                                  .last = MLPBN_SOFTMAX};
    static struct server servers[EIGHT + 1];
    pthread_t threads[EIGHT];
    struct data data;

    mlpbn_network *network = api_network(&recipe);
    data_make(&data, MLPBN_U8, SERVED, SIDE, SIDE, 3);
    OK(mlpbn_network_fit_standardization(network, &data.rows));
    for (size_t i = 0; i <= EIGHT; i++)
        make_server(&servers[i], network, &data.rows);
    for (size_t i = 0; i < EIGHT; i++)
        ck_assert_int_eq(pthread_create(&threads[i], NULL, serve, &servers[i]), 0);
    for (size_t i = 0; i < EIGHT; i++)
        ck_assert_int_eq(pthread_join(threads[i], NULL), 0);
    serve(&servers[EIGHT]);
    for (size_t i = 0; i <= EIGHT; i++) {
        OK(servers[i].status);
        api_assert_same(servers[i].y, servers[EIGHT].y, sizeof servers[i].y, "outputs");
        free(servers[i].memory);
    }
    data_free(&data);
    mlpbn_network_destroy(network);
}
END_TEST

/* Whole worlds, one per thread: nothing is shared, nor disturbed. */
static void *live(void *argument)
{
    struct world *world = argument;
    for (int step = 0; step < ROUNDS; step++)
        if (mlpbn_train_step(world->network, world->optimizer, world->workspace,
                             &world->data.rows, NULL, NULL))
            return world;
    return NULL;
}

START_TEST(networks_are_trained_side_by_side)
{
    struct world worlds[WORKERS + 1];
    pthread_t threads[WORKERS];
    void *failed;

    for (size_t i = 0; i <= WORKERS; i++)
        world_make(&worlds[i], api_dtypes[_i]);
    for (size_t i = 0; i < WORKERS; i++)
        ck_assert_int_eq(pthread_create(&threads[i], NULL, live, &worlds[i]), 0);
    for (size_t i = 0; i < WORKERS; i++) {
        ck_assert_int_eq(pthread_join(threads[i], &failed), 0);
        ck_assert_ptr_null(failed);
    }
    ck_assert_ptr_null(live(&worlds[WORKERS]));
    for (size_t i = 0; i < WORKERS; i++)
        api_assert_twins(worlds[i].network, worlds[WORKERS].network, "side by side");
    for (size_t i = 0; i <= WORKERS; i++)
        world_free(&worlds[i]);
}
END_TEST

/* --- The workspace's own threads ---------------------------------------------------- */

/* A network large enough that its workspace's threads have work, one step old. */
static void make_busy(struct world *world)
{
    const struct recipe recipe = {.dtype = MLPBN_F32, .inputs = 300, .units = {70, 33}};

    world->network = api_network(&recipe);
    world->workspace = api_workspace(world->network, MAX_BATCH, 4);
    world->optimizer = api_optimizer(world->network, 0.0173, 0.873, 0);
    data_make(&world->data, MLPBN_U8, MAX_BATCH, 300, 33, 3);
    OK(mlpbn_network_fit_standardization(world->network, &world->data.rows));
    OK(mlpbn_train_step(world->network, world->optimizer, world->workspace,
                        &world->data.rows, NULL, NULL));
}

static void rest(long milliseconds)
{
    const struct timespec time = {0, milliseconds * 1000000};
    nanosleep(&time, NULL);
}

/* Between calls they use no CPU. Spinning, one alone would take all of this time. */
START_TEST(idle_threads_use_no_cpu)
{
    struct world world;

    make_busy(&world);
    rest(50);
    const clock_t before = clock();
    rest(400);
    const double used = (double)(clock() - before) / CLOCKS_PER_SEC;
    ck_assert_msg(used < 0.1, "%g s of CPU in 0.4 s of rest", used);
    world_free(&world);
}
END_TEST

#if defined(__linux__)
static size_t threads_of_process(void)
{
    size_t n = 0;
    DIR *tasks = opendir("/proc/self/task");
    ck_assert_ptr_nonnull(tasks);
    for (const struct dirent *entry; (entry = readdir(tasks)) != NULL;)
        n += entry->d_name[0] != '.';
    closedir(tasks);
    return n;
}

static int is_running(const char *task)
{
    char path[64], state = 'R';
    snprintf(path, sizeof path, "/proc/self/task/%.20s/stat", task);
    FILE *file = fopen(path, "r");
    if (!file)
        return 0; /* it has ended */
    if (fscanf(file, "%*d (%*[^)]) %c", &state) != 1)
        state = 'R';
    fclose(file);
    return state == 'R';
}

/* Waits until no other thread runs, or is ready to. */
static void let_threads_sleep(void)
{
    for (int running = 2; running > 1; rest(1)) {
        DIR *tasks = opendir("/proc/self/task");
        ck_assert_ptr_nonnull(tasks);
        running = 0;
        for (const struct dirent *entry; (entry = readdir(tasks)) != NULL;)
            running += entry->d_name[0] != '.' && is_running(entry->d_name);
        closedir(tasks);
    }
}

/* How many threads a workspace starts. An ended one may still be listed: wait for that. */
static size_t started(const mlpbn_network *network, size_t max_batch, int threads)
{
    const size_t before = threads_of_process();
    mlpbn_workspace *workspace = api_workspace(network, max_batch, threads);
    const size_t after = threads_of_process();
    mlpbn_workspace_destroy(workspace);
    for (int i = 0; i < 100 && threads_of_process() > before; i++)
        rest(10);
    return after - before;
}

/* Whatever OpenMP programs are told. */
START_TEST(threads_are_started_as_asked)
{
    struct world world;
    make_busy(&world);
    const int in_build =
        started(world.network, MAX_BATCH, 2) > 0; /* has threads at all */
    for (int i = 0; i < 2; i++) {
        ck_assert_uint_eq(started(world.network, MAX_BATCH, 1), 0);
        ck_assert_uint_eq(started(world.network, MAX_BATCH, 3), in_build ? 2 : 0);
        ck_assert_int_eq(setenv("OMP_NUM_THREADS", "1", 1), 0);
    }
    ck_assert_int_eq(unsetenv("OMP_NUM_THREADS"), 0);
    world_free(&world);
}
END_TEST

/* 0: one for each CPU that the process may run on, but none where there is little to do. */
START_TEST(zero_threads_respects_the_affinity_mask)
{
    cpu_set_t all, one;
    struct world world;
    make_busy(&world);
    const int in_build = started(world.network, MAX_BATCH, 2) > 0;
    ck_assert_int_eq(sched_getaffinity(0, sizeof all, &all), 0);
    const size_t cpus = (size_t)CPU_COUNT(&all);
    ck_assert_uint_eq(started(world.network, MAX_BATCH, 0), in_build ? cpus - 1 : 0);
    ck_assert_uint_eq(started(world.network, 1, 0), 0);
    size_t first = 0;
    while (!CPU_ISSET(first, &all))
        first++;
    CPU_ZERO(&one);
    CPU_SET(first, &one);
    ck_assert_int_eq(sched_setaffinity(0, sizeof one, &one), 0);
    ck_assert_uint_eq(started(world.network, MAX_BATCH, 0), 0);
    ck_assert_int_eq(sched_setaffinity(0, sizeof all, &all), 0);
    world_free(&world);
}
END_TEST
#endif

static void take_signal(int number)
{
    (void)number;
}

/* Sends the process a signal that this thread blocks; whether no other thread took it. */
static int signal_stays_pending(const sigset_t *set)
{
    sigset_t pending;
    int number = 0;

    ck_assert_int_eq(kill(getpid(), SIGUSR1), 0);
    rest(50);
    ck_assert_int_eq(sigpending(&pending), 0);
    if (sigismember(&pending, SIGUSR1) != 1)
        return 0;
    ck_assert_int_eq(sigwait(set, &number), 0);
    return 1;
}

/* If the process has other threads that take signals, such as those of a BLAS, a pending
 * one tells nothing; with CK_FORK=yes it has none. */
START_TEST(threads_take_no_signals)
{
    struct sigaction action = {.sa_handler = take_signal}, kept;
    struct world world;
    sigset_t set, old;

    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    ck_assert_int_eq(sigaction(SIGUSR1, &action, &kept), 0);
    make_busy(&world); /* its threads do not inherit a mask that blocks the signal */
    ck_assert_int_eq(pthread_sigmask(SIG_BLOCK, &set, &old), 0);
    const int stays = signal_stays_pending(&set);
    world_free(&world);
    ck_assert(stays || !signal_stays_pending(&set));
    ck_assert_int_eq(pthread_sigmask(SIG_SETMASK, &old, NULL), 0);
    ck_assert_int_eq(sigaction(SIGUSR1, &kept, NULL), 0);
}
END_TEST

/* --- After fork --------------------------------------------------------------------- */

/* One more step in an inherited world, whose threads are gone, and all of a life in new
 * ones. */
static struct snapshot go_on(struct world *world)
{
    OK(mlpbn_train_step(world->network, world->optimizer, world->workspace,
                        &world->data.rows, NULL, NULL));
    struct snapshot result = snapshot_take(world->network);
    struct snapshot other = outcome(&shapes[0], MLPBN_F32, API_TSAN ? 1 : 3);
    snapshot_add(&result, other.bytes, other.size);
    snapshot_free(&other);
    return result;
}

/* Sends what it computed through the pipe: valgrind
 * has a use of its own for exit codes. alarm() ends the child should it hang. */
static void live_in_child(struct world *world, int end)
{
    alarm(100);
    struct snapshot result = go_on(world);
    size_t sent = 0;
    while (sent < result.size) {
        const ssize_t size = write(end, result.bytes + sent, result.size - sent);
        if (size <= 0)
            break;
        sent += (size_t)size;
    }
    snapshot_free(&result);
    world_free(world);
    _exit(0);
}

static struct snapshot read_all(int end)
{
    struct snapshot all = {0, NULL};
    unsigned char buffer[4096];
    ssize_t size;
    while ((size = read(end, buffer, sizeof buffer)) > 0)
        snapshot_add(&all, buffer, (size_t)size);
    return all;
}

/* A forked child has none of its parent's threads and must not wait for them; it gets the
 * same bits, and does not disturb its parent. */
START_TEST(a_forked_child_goes_on)
{
    struct world world;
    int ends[2];

    make_busy(&world);
#if defined(__linux__)
    /* The address sanitizer's allocator takes no care of fork: a thread that just starts, and
     * frees what it was started with, could leave it locked in the child for ever. */
    let_threads_sleep();
#endif
    ck_assert_int_eq(pipe(ends), 0);
    const pid_t child = fork();
    ck_assert_int_ge(child, 0);
    if (child == 0)
        live_in_child(&world, ends[1]);
    close(ends[1]);
    struct snapshot got = read_all(ends[0]);
    struct snapshot expected = go_on(&world);
    close(ends[0]);
    ck_assert_int_eq(waitpid(child, NULL, 0), child);
    ck_assert_msg(got.size == expected.size, "the child sent %zu of %zu bytes", got.size,
                  expected.size);
    ck_assert(snapshot_equal(&got, &expected));
    snapshot_free(&got);
    snapshot_free(&expected);
    world_free(&world);
}
END_TEST

Suite *threads_suite(void)
{
    TCase *tests;
    Suite *suite = api_suite("threads", &tests);
    tcase_add_loop_test(tests, any_number_of_threads_gives_the_same_bits, 0,
                        LENGTH(shapes));
    tcase_add_test(tests, a_network_is_shared_by_threads);
    tcase_add_loop_test(tests, eight_threads_predict_the_bits_of_one, 0, N_DTYPES);
    tcase_add_loop_test(tests, networks_are_trained_side_by_side, 0, N_DTYPES);
    tcase_add_test(tests, idle_threads_use_no_cpu);
#if defined(__linux__)
    tcase_add_test(tests, threads_are_started_as_asked);
    tcase_add_test(tests, zero_threads_respects_the_affinity_mask);
#endif
    tcase_add_test(tests, threads_take_no_signals);
    tcase_add_test(tests, a_forked_child_goes_on);
    return suite;
}
