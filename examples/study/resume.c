/* Writes and reads checkpoints. The library keeps network, optimizer and sampler; the
 * program's own state goes with them as bytes:
 *
 *   | header | results of runs that are finished | points of the curves |
 *
 * It is for the same build of this program on the same kind of machine. */
#include "resume.h"

#include "fatal.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* What must be as it was for a run to go on, 8 bytes each. The network's and the sampler's
 * options are the library's to compare. */
typedef struct setting {
    double lambda, eta_min, eta_max, sigma, weight_decay, dropout, label_smoothing,
        momentum;
    uint64_t n_s, seed, init, method, cycle, flip, shift, window, views;
} setting;

/* The options that set these fields. */
static const char *const sources[] = {
    "--lambda",
    "--eta-min",
    "--eta-max",
    "--init",
    "--weight-decay",
    "--dropout",
    "--label-smoothing",
    "--momentum",
    "--n-s",
    "--seed",
    "--init",
    "--optimizer",
    "--schedule or its --epochs",
    "--flip",
    "--shift",
    "--window",
    "--views",
};

typedef struct header {
    uint64_t version;
    setting setting;
    standing at;
    uint64_t finished, points;
} header;

enum { VERSION = 2 };

static volatile sig_atomic_t caught; /* the first signal */

static void on_signal(int signal)
{
    if (caught)
        _exit(128 + signal);
    caught = signal;
}

static void catch_signals(void)
{
    struct sigaction action = {.sa_handler = on_signal, .sa_flags = SA_RESTART};
    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
}

static setting setting_of(const train_options *options)
{
    return (setting){.lambda = options->lambda,
                     .eta_min = options->eta_min,
                     .eta_max = options->eta_max,
                     .sigma = options->init.sigma,
                     .n_s = options->n_s,
                     .seed = options->seed,
                     .init = (uint64_t)options->init.method,
                     .method = (uint64_t)options->method,
                     .weight_decay = options->weight_decay,
                     /* One cycle is as long as the training. */
                     .cycle = options->one_cycle ? options->epochs : 0,
                     .dropout = options->dropout,
                     .label_smoothing = options->label_smoothing,
                     .momentum = options->momentum,
                     .flip = options->flip,
                     .shift = options->shift,
                     .window = options->window,
                     .views = options->views};
}

static void compare_settings(const setting *got, const setting *expected,
                             const char *path)
{
    enum { FIELD = sizeof(uint64_t), FIELDS = sizeof sources / sizeof *sources };
    _Static_assert(sizeof *got == FIELDS * FIELD, "a source for each field");
    const char *a = (const char *)got, *b = (const char *)expected;
    for (size_t i = 0; i < FIELDS; i++)
        if (memcmp(a + i * FIELD, b + i * FIELD, FIELD) != 0)
            fatal("checkpoint %s: made with another %s", path, sources[i]);
}

static void *allocate(size_t n)
{
    void *bytes = malloc(n);
    if (!bytes)
        fatal("no memory for a checkpoint's %zu bytes", n);
    return bytes;
}

static void read_state(resume_point *point, const char *bytes, size_t n)
{
    const char *path = point->options->checkpoint;
    setting expected = setting_of(point->options);
    header h;
    if (n < sizeof h)
        fatal("checkpoint %s: not one of cifar_train", path);
    memcpy(&h, bytes, sizeof h);
    size_t results = (size_t)h.finished * sizeof(trial_result);
    if (h.version != VERSION || h.finished >= MAX_RUNS || h.points > n ||
        n != sizeof h + results + (size_t)h.points * sizeof(curve_point))
        fatal("checkpoint %s: not one of this cifar_train", path);
    compare_settings(&h.setting, &expected, path);
    if (h.at.run > point->options->runs)
        fatal("checkpoint %s: in run %" PRIu64 ", but there are --runs %" PRIu64, path,
              h.at.run, point->options->runs);
    memcpy(point->results, bytes + sizeof h, results);
    for (size_t i = 0; i < h.points; i++) {
        curve_point p;
        memcpy(&p, bytes + sizeof h + results + i * sizeof p, sizeof p);
        curves_add(point->curves, &p);
    }
    point->finished = h.finished;
    point->from = h.at;
}

/* The state alone; it is not longer than the file. */
static void read_checkpoint(resume_point *point)
{
    const char *path = point->options->checkpoint;
    mlpbn_checkpoint parts = MLPBN_CHECKPOINT_INIT;
    struct stat status;
    if (stat(path, &status) != 0) {
        if (errno != ENOENT)
            fatal("checkpoint %s: %s", path, strerror(errno));
        fprintf(stderr, "%s: no checkpoint %s yet: starting anew\n", program_name, path);
        return;
    }
    parts.state_size = (size_t)status.st_size;
    parts.state = allocate(parts.state_size + 1);
    require(mlpbn_checkpoint_load(&parts, path), "checkpoint");
    read_state(point, parts.state, parts.state_size);
    free(parts.state);
}

resume_point resume_start(const train_options *options, curve_list *curves,
                          trial_result *results)
{
    resume_point point = {.options = options, .curves = curves, .results = results};
    if (options->resume)
        read_checkpoint(&point);
    if (options->checkpoint)
        catch_signals();
    return point;
}

bool resume_load(const resume_point *point, mlpbn_checkpoint *parts, uint64_t run,
                 standing *at)
{
    if (point->from.run != run)
        return false;
    require(mlpbn_checkpoint_load(parts, point->options->checkpoint), "checkpoint");
    *at = point->from;
    return true;
}

/* Makes the state's bytes, to be freed. */
static void write_state(mlpbn_checkpoint *parts, const resume_point *point,
                        const standing *at)
{
    header h = {.version = VERSION,
                .setting = setting_of(point->options),
                .at = *at,
                .finished = point->finished,
                .points = point->curves->n};
    size_t results = (size_t)point->finished * sizeof *point->results;
    size_t points = point->curves->n * sizeof *point->curves->points;
    char *bytes = allocate(sizeof h + results + points);
    memcpy(bytes, &h, sizeof h);
    memcpy(bytes + sizeof h, point->results, results);
    if (points > 0)
        memcpy(bytes + sizeof h + results, point->curves->points, points);
    parts->state = bytes;
    parts->state_size = sizeof h + results + points;
}

static bool write_checkpoint(const resume_point *point, mlpbn_checkpoint parts,
                             const standing *at)
{
    write_state(&parts, point, at);
    bool written = mlpbn_checkpoint_save(&parts, point->options->checkpoint) == MLPBN_OK;
    free(parts.state);
    if (!written)
        warning("checkpoint not written, the one before stays: %s", mlpbn_last_error());
    return written;
}

void resume_save(const resume_point *point, const mlpbn_checkpoint *parts,
                 const standing *at, bool epoch_ends)
{
    const train_options *options = point->options;
    uint64_t every = options->checkpoint_every;
    bool due = every > 0 ? !epoch_ends && at->step % every == 0 : epoch_ends;
    if (!options->checkpoint || (!due && !caught))
        return;
    bool written = write_checkpoint(point, *parts, at);
    if (!caught)
        return;
    if (written)
        warning("stopped after step %" PRIu64 " of run %" PRIu64
                "; --resume goes on from %s",
                at->step, at->run, options->checkpoint);
    exit(128 + caught);
}

static int write_nowhere(void *context, const void *bytes, size_t n)
{
    (void)context, (void)bytes, (void)n;
    return 0;
}

void resume_check_path(const char *path)
{
    char temporary[4096]; /* what the library writes first */
    struct stat status;
    mlpbn_checkpoint nothing = MLPBN_CHECKPOINT_INIT;
    mlpbn_writer writer = MLPBN_WRITER_INIT(write_nowhere, NULL);
    if (!path)
        return;
    require(mlpbn_checkpoint_save_to(&nothing, &writer), path);
    bool exists = stat(path, &status) == 0;
    snprintf(temporary, sizeof temporary, "%s.tmp", path);
    FILE *file = fopen(exists ? path : temporary, "ab"); /* spares what is there */
    if (!file)
        fatal("%s: %s", path, strerror(errno));
    fclose(file);
    if (!exists)
        remove(temporary);
}
