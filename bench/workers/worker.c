/* The protocol and the clock; see worker.h. */
#include "worker.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { LINE = 2000, MEMORY_STEPS = 50 };

typedef struct session {
    const contestant *who;
    bench_job job;
    dataset data;
    void *state;
    size_t units; /* of a measurement */
} session;

static double now(const session *s)
{
    struct timespec t;
    clock_gettime(
        job_is(s->job.clock, "cpu") ? CLOCK_PROCESS_CPUTIME_ID : CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* The largest resident size so far, or since it was reset; in bytes. */
static double peak_memory(void)
{
    char line[200];
    double kilobytes = 0;
    FILE *file = fopen("/proc/self/status", "r");
    while (file && fgets(line, sizeof line, file))
        if (strncmp(line, "VmHWM:", 6) == 0)
            kilobytes = strtod(line + 6, NULL);
    if (file)
        fclose(file);
    return 1024 * kilobytes;
}

static void reset_peak_memory(void)
{
    FILE *file = fopen("/proc/self/clear_refs", "w");
    if (file) {
        fputs("5", file);
        fclose(file);
    }
}

/* The BLAS that is really in this process, whatever was linked. */
static void print_blas(void)
{
    char line[LINE], last[LINE] = "";
    FILE *file = fopen("/proc/self/maps", "r");
    while (file && fgets(line, sizeof line, file)) {
        char *path = strchr(line, '/');
        if (!path || !strstr(path, "blas") || strcmp(path, last) == 0)
            continue;
        strcpy(last, path);
        printf(" %.*s", (int)strcspn(path, "\n"), path);
    }
    if (file)
        fclose(file);
}

static void once(session *s, size_t units)
{
    const contestant *c = s->who;
    if (!job_is(s->job.kind, "start")) {
        c->run(s->state, units);
        return;
    }
    const char *reason;
    for (size_t i = 0; i < units; i++) {
        void *state = c->prepare(&s->job, &s->data, &reason);
        c->run(state, 1);
        c->release(state);
    }
}

static double seconds_of(session *s, size_t units)
{
    double start = now(s);
    once(s, units);
    return now(s) - start;
}

/* Finds how many units take the time asked for; warms up by the way. A time counts if it is
 * long enough twice, so that no hiccup of the machine is taken for it. */
static void calibrate(session *s)
{
    double enough = 0.3 * s->job.seconds, took = 0;
    size_t units = 1;
    if (s->job.units > 0) {
        s->units = s->job.units;
        once(s, s->units < 50 ? s->units : 50);
        return;
    }
    while (seconds_of(s, units) < enough || (took = seconds_of(s, units)) < enough)
        units *= 2;
    size_t wanted = (size_t)((double)units * s->job.seconds / took);
    s->units = wanted > 1 ? wanted : 1;
}

static void drop(session *s)
{
    if (s->state)
        s->who->release(s->state);
    s->state = NULL;
    dataset_free(&s->data);
}

/* What a network takes beyond its data; parameters included, which the driver subtracts.
 * Right once a process: what was freed before would not count. */
static void measure_memory(session *s)
{
    reset_peak_memory();
    double before = peak_memory();
    const char *reason = "it cannot";
    s->state = s->who->prepare(&s->job, &s->data, &reason);
    if (!s->state) {
        printf("skip %s\n", reason);
        return;
    }
    s->who->run(s->state, MEMORY_STEPS);
    printf("done %.0f 1\n", peak_memory() - before);
}

static void setup(session *s, char *words)
{
    const char *wrong = job_parse(&s->job, words), *reason = "it cannot";
    if (wrong) {
        printf("skip job not understood: %s\n", wrong);
        return;
    }
    if (s->who->needs_data && (s->job.layers == 0 || s->job.batch > s->job.rows)) {
        puts("skip job without a network, or with fewer rows than a batch");
        return;
    }
    if (s->who->needs_data)
        s->data = dataset_make(&s->job);
    if (!job_is(s->job.kind, "memory")) {
        s->state = s->who->prepare(&s->job, &s->data, &reason);
        if (!s->state) {
            dataset_free(&s->data);
            printf("skip %s\n", reason);
            return;
        }
        calibrate(s);
    }
    printf("ready %s", s->who->name);
    print_blas();
    putchar('\n');
}

static void run(session *s)
{
    if (job_is(s->job.kind, "memory")) {
        measure_memory(s);
        return;
    }
    double amount = s->who->amount ? s->who->amount(s->state) : 1;
    printf("done %.9g %.17g", seconds_of(s, s->units), amount * (double)s->units);
    if (s->who->print_phases)
        s->who->print_phases(s->state);
    putchar('\n');
}

int worker_serve(const contestant *who)
{
    static session s;
    char line[LINE];
    s.who = who;
    while (fgets(line, sizeof line, stdin)) {
        if (strncmp(line, "setup ", 6) == 0) {
            setup(&s, line + 6);
        } else if (strncmp(line, "run", 3) == 0) {
            run(&s);
        } else {
            drop(&s);
            puts("dropped");
        }
        fflush(stdout);
    }
    drop(&s);
    return 0;
}
