#include "fit/fit_checkpoint.h"

#include "base/array.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/memory.h"
#include "io/safetensors/network_file.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

enum { VERSION = 1 };

/* --- The state as bytes --------------------------------------------------------------------
 *
 * Integers of 64 bits, the lowest byte first, doubles as their bits, in the order of
 * code_state(); then the best network as a file. */

/* Bytes that are written or read in order. */
typedef struct codec {
    unsigned char *bytes; /* NULL: they are only counted */
    size_t size, at;
    int reads;
    int is_short; /* there were fewer bytes than were read */
} codec;

static void code_u64(codec *c, uint64_t *x)
{
    unsigned char *bytes = c->bytes ? c->bytes + c->at : NULL;
    if (c->reads && c->size - c->at < 8) {
        c->is_short = 1;
        return;
    }
    if (c->reads)
        *x = 0;
    for (int i = 0; i < 8; i++)
        if (c->reads)
            *x |= (uint64_t)bytes[i] << (8 * i);
        else if (bytes)
            bytes[i] = (unsigned char)(*x >> (8 * i));
    c->at += 8;
}

static void code_double(codec *c, double *x)
{
    uint64_t bits;
    memcpy(&bits, x, sizeof bits);
    code_u64(c, &bits);
    memcpy(x, &bits, sizeof bits);
}

static void code_size(codec *c, size_t *x)
{
    uint64_t wide = *x == SIZE_MAX ? UINT64_MAX : *x;
    code_u64(c, &wide);
    *x = wide > SIZE_MAX ? SIZE_MAX : (size_t)wide;
}

static void code_record(codec *c, mlpbn_fit_record *r)
{
    uint64_t *counts[] = {&r->epoch, &r->step};
    double *values[] = {&r->rate,
                        &r->loss,
                        &r->cost,
                        &r->accuracy,
                        &r->seconds,
                        &r->validation_loss,
                        &r->validation_accuracy};
    r->struct_size = sizeof *r;
    for (size_t i = 0; i < MLPBN__LENGTH(counts); i++)
        code_u64(c, counts[i]);
    for (size_t i = 0; i < MLPBN__LENGTH(values); i++)
        code_double(c, values[i]);
    code_size(c, &r->validation_n);
}

/* Records of the history; MLPBN_EFORMAT if there are fewer than its length says. */
static mlpbn_status code_history(codec *c, mlpbn_history *history)
{
    size_t n = history->n;
    code_size(c, &history->best);
    code_size(c, &n);
    for (size_t i = 0; i < n && !c->is_short; i++) {
        if (c->reads)
            RETURN_IF_ERROR(mlpbn__history_reserve(history, i + 1));
        code_record(c, history->records + i);
    }
    if (c->is_short || (history->best != SIZE_MAX && history->best >= n))
        return mlpbn__fail(MLPBN_EFORMAT, "the state of the run is damaged");
    history->n = n;
    return MLPBN_OK;
}

static mlpbn_status code_state(codec *c, mlpbn__fit_state *s)
{
    uint64_t *counts[] = {&s->epoch,        &s->step,   &s->sums.rows,
                          &s->sums.correct, &s->waited, &s->halvings};
    double *values[] = {&s->sums.loss, &s->sums.cost, &s->seconds, &s->best,
                        &s->improved};
    for (size_t i = 0; i < MLPBN__LENGTH(counts); i++)
        code_u64(c, counts[i]);
    for (size_t i = 0; i < MLPBN__LENGTH(values); i++)
        code_double(c, values[i]);
    return code_history(c, s->history);
}

/* --- Whose run it is ----------------------------------------------------------------------- */

static uint64_t bits_of(double x)
{
    uint64_t bits;
    memcpy(&bits, &x, sizeof bits);
    return bits;
}

/* Writes what must be the same when a run is resumed, or compares it to what is read. */
static mlpbn_status code_identity(codec *c, const mlpbn__fit_job *job)
{
    const mlpbn_fit_options *o = job->options;
    const struct {
        const char *name;
        uint64_t value;
    } items[] = {
        {"version", VERSION},
        {"number of rows", job->train.n},
        {"number of validation rows", job->validation.n},
        {"batch", o->batch},
        {"seed", o->seed},
        {"validation_share", bits_of(o->validation_share)},
        {"stratify", (uint64_t)o->stratify},
        {"monitor", (uint64_t)o->monitor},
        {"loss", (uint64_t)job->loss->loss},
        {"lambda", bits_of(job->loss->lambda)},
        {"penalty", (uint64_t)job->loss->penalty},
        {"penalty_kinds", job->loss->penalty_kinds},
        {"label_smoothing", bits_of(job->loss->label_smoothing)},
        {"reduction", (uint64_t)job->loss->reduction},
        {"huber_delta", bits_of(job->loss->huber_delta)},
        {"quantile", bits_of(job->loss->quantile)},
    };
    for (size_t i = 0; i < MLPBN__LENGTH(items); i++) {
        uint64_t value = items[i].value;
        code_u64(c, &value);
        if (value != items[i].value || c->is_short)
            return mlpbn__fail(MLPBN_EMISMATCH,
                               "the checkpoint is that of another run: its %s differs",
                               items[i].name);
    }
    return MLPBN_OK;
}

/* --- The best network, as a file in memory --------------------------------------------------- */

/* A function of mlpbn_writer: appends to the codec, whose bytes may only be counted. */
static int append(void *context, const void *bytes, size_t n)
{
    codec *c = context;
    if (c->bytes)
        memcpy(c->bytes + c->at, bytes, n);
    c->at += n;
    return 0;
}

/* A function of mlpbn_reader: the next bytes of the codec. */
static int take(void *context, void *bytes, size_t n, size_t *got)
{
    codec *c = context;
    *got = n < c->size - c->at ? n : c->size - c->at;
    memcpy(bytes, c->bytes + c->at, *got);
    c->at += *got;
    return 0;
}

static mlpbn_status write_network(codec *c, const mlpbn_network *network)
{
    const mlpbn_writer writer = MLPBN_WRITER_INIT(append, c);
    return mlpbn__network_save(network, (mlpbn__target){.writer = &writer});
}

static mlpbn_status read_network(codec *c, mlpbn_network *network)
{
    const mlpbn_reader reader = MLPBN_READER_INIT(take, c);
    const mlpbn_load_options options = MLPBN_LOAD_OPTIONS_INIT;
    mlpbn_network *loaded = NULL;
    RETURN_IF_ERROR(
        mlpbn__network_load(&loaded, (mlpbn__source){.reader = &reader}, &options));
    mlpbn_status status = mlpbn__network_copy(network, loaded);
    mlpbn__network_free(loaded);
    return status;
}

/* --- Saving ---------------------------------------------------------------------------------- */

static mlpbn_status write_state(codec *c, const mlpbn__fit_run *run)
{
    mlpbn__fit_state state = run->state;
    state.seconds += mlpbn__now() - run->begin;
    RETURN_IF_ERROR(code_identity(c, &run->job));
    RETURN_IF_ERROR(code_state(c, &state));
    return state.best_network ? write_network(c, state.best_network) : MLPBN_OK;
}

mlpbn_status mlpbn__fit_checkpoint_save(const mlpbn__fit_run *run)
{
    codec c = {.bytes = NULL};
    RETURN_IF_ERROR(write_state(&c, run)); /* counts the bytes */
    c = (codec){.bytes = mlpbn__memory_new(c.at), .size = c.at};
    if (!c.bytes)
        return mlpbn__fail(MLPBN_ENOMEM, "no memory for a checkpoint");
    mlpbn_status status = write_state(&c, run);
    const mlpbn_checkpoint parts = {.struct_size = sizeof parts,
                                    .network = run->job.network,
                                    .optimizer = run->job.optimizer,
                                    .sampler = run->sampler,
                                    .state = c.bytes,
                                    .state_size = c.at};
    if (!status)
        status = mlpbn__checkpoint_save(
            &parts, (mlpbn__target){.path = run->job.options->checkpoint});
    mlpbn__memory_free(c.bytes);
    return status;
}

/* --- Loading --------------------------------------------------------------------------------- */

static int is_there(const char *path)
{
    FILE *file = fopen(path, "rb");
    if (file)
        fclose(file);
    return file || errno != ENOENT;
}

static mlpbn_status read_state(codec *c, mlpbn__fit_run *run)
{
    RETURN_IF_ERROR(code_identity(c, &run->job));
    RETURN_IF_ERROR(code_state(c, &run->state));
    return run->state.best_network ? read_network(c, run->state.best_network) : MLPBN_OK;
}

static mlpbn_status load_parts(mlpbn__fit_run *run, mlpbn__source source)
{
    mlpbn_checkpoint parts = {.struct_size = sizeof parts,
                              .network = run->job.network,
                              .optimizer = run->job.optimizer,
                              .sampler = run->sampler};
    return mlpbn__checkpoint_load(&parts, source, run->job.check_optimizer);
}

/* The state comes first: it may be that of another run. */
mlpbn_status mlpbn__fit_checkpoint_load(mlpbn__fit_run *run)
{
    const mlpbn__source source = {.path = run->job.options->checkpoint};
    codec c = {.reads = 1};
    void *state;
    if (!is_there(source.path))
        return MLPBN_OK;
    RETURN_IF_ERROR(mlpbn__checkpoint_load_state(&state, &c.size, source));
    c.bytes = state;
    mlpbn_status status = read_state(&c, run);
    mlpbn__memory_free(state);
    if (status)
        return mlpbn__fail_in(status, "%s: ", source.path);
    return load_parts(run, source);
}
