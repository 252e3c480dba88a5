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
    size_t repeats; /* per measurement */
} session;

static double now(const session *s)
{
    struct timespec t;
    clock_gettime(
        job_is(s->job.clock, "cpu") ? CLOCK_PROCESS_CPUTIME_ID : CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* Returns the largest resident size since the start or the latest reset, in bytes. */
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

/* Prints the paths of the BLAS that this process has mapped, which may not be the linked one. */
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

static void run_repeats(session *s, size_t repeats)
{
    const contestant *c = s->who;
    if (!job_is(s->job.kind, "start")) {
        c->run(s->state, repeats);
        return;
    }
    const char *reason;
    for (size_t i = 0; i < repeats; i++) {
        void *state = c->prepare(&s->job, &s->data, &reason);
        c->run(state, 1);
        c->release(state);
    }
}

static double seconds_of(session *s, size_t repeats)
{
    double start = now(s);
    run_repeats(s, repeats);
    return now(s) - start;
}

/* Finds the number of runs that takes job.seconds, and warms up. Two runs in sequence must be
 * long enough, so that a single interruption does not end the search. */
static void calibrate(session *s)
{
    double min_seconds = 0.3 * s->job.seconds, seconds = 0;
    size_t repeats = 1;
    if (s->job.repeats > 0) {
        s->repeats = s->job.repeats;
        run_repeats(s, s->repeats < 50 ? s->repeats : 50);
        return;
    }
    while (seconds_of(s, repeats) < min_seconds ||
           (seconds = seconds_of(s, repeats)) < min_seconds)
        repeats *= 2;
    repeats = (size_t)((double)repeats * s->job.seconds / seconds);
    s->repeats = repeats > 1 ? repeats : 1;
}

static void drop(session *s)
{
    if (s->state)
        s->who->release(s->state);
    s->state = NULL;
    dataset_free(&s->data);
}

/* Measures the memory of a network and its workspaces, without the data. The driver subtracts the
 * parameters. Valid once in a process: memory that was freed before would be used again. */
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
    double work = s->who->flops_per_run ? s->who->flops_per_run(s->state) : 1;
    printf("done %.9g %.17g", seconds_of(s, s->repeats), work * (double)s->repeats);
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
