/* Writes and reads checkpoints. The library keeps network, optimizer and sampler; the
 * program's own state goes with them as bytes:
 *
 *   | header | results of runs that are finished | points of the curves |
 *
 * A checkpoint can be read by the same build of this program on the same kind of machine. */
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

/* Options that must be the same when a run is resumed, 8 bytes each. The library compares the
 * options of network and sampler. */
typedef struct resume_settings {
    double lambda, eta_min, eta_max, sigma, weight_decay, dropout, label_smoothing,
        momentum;
    uint64_t n_s, seed, init, optimizer, cycle, flip, shift, local_field, tta;
} resume_settings;

/* The option that sets each field. */
static const char *const option_names[] = {
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
    resume_settings settings;
    run_state state;
    uint64_t finished, points;
} header;

enum { VERSION = 2 };

static volatile sig_atomic_t caught_signal; /* the first signal; 0: none */

static void on_signal(int signal)
{
    if (caught_signal)
        _exit(128 + signal);
    caught_signal = signal;
}

static void catch_signals(void)
{
    struct sigaction action = {.sa_handler = on_signal, .sa_flags = SA_RESTART};
    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
}

static resume_settings settings_of(const train_options *options)
{
    return (resume_settings){.lambda = options->lambda,
                             .eta_min = options->eta_min,
                             .eta_max = options->eta_max,
                             .sigma = options->init.sigma,
                             .n_s = options->n_s,
                             .seed = options->seed,
                             .init = (uint64_t)options->init.method,
                             .optimizer = (uint64_t)options->optimizer,
                             .weight_decay = options->weight_decay,
                             /* One cycle is as long as the training. */
                             .cycle = options->one_cycle ? options->epochs : 0,
                             .dropout = options->dropout,
                             .label_smoothing = options->label_smoothing,
                             .momentum = options->momentum,
                             .flip = options->flip,
                             .shift = options->shift,
                             .local_field = options->local_field,
                             .tta = options->tta};
}

static void compare_settings(const resume_settings *got, const resume_settings *expected,
                             const char *path)
{
    enum {
        FIELD = sizeof(uint64_t),
        FIELDS = sizeof option_names / sizeof *option_names
    };
    _Static_assert(sizeof *got == FIELDS * FIELD, "an option for each field");
    const char *a = (const char *)got, *b = (const char *)expected;
    for (size_t i = 0; i < FIELDS; i++)
        if (memcmp(a + i * FIELD, b + i * FIELD, FIELD) != 0)
            fatal("checkpoint %s: made with another %s", path, option_names[i]);
}

static void *allocate(size_t n)
{
    void *bytes = malloc(n);
    if (!bytes)
        fatal("no memory for a checkpoint's %zu bytes", n);
    return bytes;
}

static void read_state(resume_context *context, const char *bytes, size_t n)
{
    const char *path = context->options->checkpoint;
    resume_settings expected = settings_of(context->options);
    header h;
    if (n < sizeof h)
        fatal("checkpoint %s: not one of cifar_train", path);
    memcpy(&h, bytes, sizeof h);
    size_t results = (size_t)h.finished * sizeof(run_result);
    if (h.version != VERSION || h.finished >= MAX_RUNS || h.points > n ||
        n != sizeof h + results + (size_t)h.points * sizeof(curve_point))
        fatal("checkpoint %s: not one of this cifar_train", path);
    compare_settings(&h.settings, &expected, path);
    if (h.state.run > context->options->runs)
        fatal("checkpoint %s: in run %" PRIu64 ", but there are --runs %" PRIu64, path,
              h.state.run, context->options->runs);
    memcpy(context->results, bytes + sizeof h, results);
    for (size_t i = 0; i < h.points; i++) {
        curve_point p;
        memcpy(&p, bytes + sizeof h + results + i * sizeof p, sizeof p);
        curves_add(context->curves, &p);
    }
    context->finished = h.finished;
    context->saved = h.state;
}

/* Reads only the program's state. The size of the file is an upper bound of its size. */
static void read_checkpoint(resume_context *context)
{
    const char *path = context->options->checkpoint;
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
    read_state(context, parts.state, parts.state_size);
    free(parts.state);
}

resume_context resume_start(const train_options *options, curve_list *curves,
                            run_result *results)
{
    resume_context context = {.options = options, .curves = curves, .results = results};
    if (options->resume)
        read_checkpoint(&context);
    catch_signals();
    return context;
}

bool resume_load(const resume_context *context, mlpbn_checkpoint *parts, uint64_t run,
                 run_state *state)
{
    if (context->saved.run != run)
        return false;
    require(mlpbn_checkpoint_load(parts, context->options->checkpoint), "checkpoint");
    *state = context->saved;
    return true;
}

/* Serializes the program's state into parts->state, which the caller frees. */
static void write_state(mlpbn_checkpoint *parts, const resume_context *context,
                        const run_state *state)
{
    header h = {.version = VERSION,
                .settings = settings_of(context->options),
                .state = *state,
                .finished = context->finished,
                .points = context->curves->n};
    size_t results = (size_t)context->finished * sizeof *context->results;
    size_t points = context->curves->n * sizeof *context->curves->points;
    char *bytes = allocate(sizeof h + results + points);
    memcpy(bytes, &h, sizeof h);
    memcpy(bytes + sizeof h, context->results, results);
    if (points > 0)
        memcpy(bytes + sizeof h + results, context->curves->points, points);
    parts->state = bytes;
    parts->state_size = sizeof h + results + points;
}

static bool write_checkpoint(const resume_context *context, mlpbn_checkpoint parts,
                             const run_state *state)
{
    write_state(&parts, context, state);
    bool written =
        mlpbn_checkpoint_save(&parts, context->options->checkpoint) == MLPBN_OK;
    free(parts.state);
    if (!written)
        warning("checkpoint not written, the one before stays: %s", mlpbn_last_error());
    return written;
}

/* Ends the program after a signal. Without a checkpoint, the network is saved as it is. */
static _Noreturn void stop(const resume_context *context, const mlpbn_checkpoint *parts,
                           const run_state *state, bool has_checkpoint)
{
    const train_options *options = context->options;
    const char *kept = "nothing is kept without --save or --checkpoint", *path = "";
    if (has_checkpoint) {
        kept = "--resume goes on from ";
        path = options->checkpoint;
    } else if (options->save) {
        require(mlpbn_network_save(parts->network, options->save), "save");
        kept = "its network, half trained, is in ";
        path = options->save;
    }
    warning("stopped after step %" PRIu64 " of run %" PRIu64 "; %s%s", state->step,
            state->run, kept, path);
    exit(128 + caught_signal);
}

void resume_save(const resume_context *context, const mlpbn_checkpoint *parts,
                 const run_state *state, bool epoch_ends)
{
    const train_options *options = context->options;
    uint64_t every = options->checkpoint_every;
    bool due = every > 0 ? !epoch_ends && state->step % every == 0 : epoch_ends;
    bool written = false;
    if (options->checkpoint && (due || caught_signal))
        written = write_checkpoint(context, *parts, state);
    if (caught_signal)
        stop(context, parts, state, written);
}

static int discard(void *context, const void *bytes, size_t n)
{
    (void)context, (void)bytes, (void)n;
    return 0;
}

void resume_check_path(const char *path)
{
    char temporary[4096]; /* the file that the library writes first */
    struct stat status;
    mlpbn_checkpoint empty = MLPBN_CHECKPOINT_INIT;
    mlpbn_writer writer = MLPBN_WRITER_INIT(discard, NULL);
    if (!path)
        return;
    require(mlpbn_checkpoint_save_to(&empty, &writer), path);
    bool exists = stat(path, &status) == 0;
    snprintf(temporary, sizeof temporary, "%s.tmp", path);
    FILE *file = fopen(exists ? path : temporary, "ab"); /* keeps the content */
    if (!file)
        fatal("%s: %s", path, strerror(errno));
    fclose(file);
    if (!exists)
        remove(temporary);
}
