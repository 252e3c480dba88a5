/* Reads a job; see job.h. */
#include "job.h"

#include <stdlib.h>
#include <string.h>

static bool read_word(void *field, const char *text)
{
    if (strlen(text) >= JOB_WORD)
        return false;
    strcpy(field, text);
    return true;
}

static bool read_size(void *field, const char *text)
{
    char *end;
    *(size_t *)field = strtoull(text, &end, 10);
    return *text != '\0' && *end == '\0';
}

static bool read_number(void *field, const char *text)
{
    char *end;
    *(double *)field = strtod(text, &end);
    return *text != '\0' && *end == '\0';
}

/* Reads sizes such as 3072,50,50,10. */
static bool read_sizes(void *field, const char *text)
{
    bench_job *job = field;
    size_t n = 0;
    for (char *end; n <= JOB_LAYERS; text = end + 1) {
        job->sizes[n++] = strtoull(text, &end, 10);
        if (*end == '\0' || *end != ',') {
            job->layers = n - 1;
            return *end == '\0' && n > 1;
        }
    }
    return false;
}

static const struct key {
    const char *name;
    size_t offset;
    bool (*read)(void *field, const char *text);
} keys[] = {
    {"kind", offsetof(bench_job, kind), read_word},
    {"dtype", offsetof(bench_job, dtype), read_word},
    {"rows_dtype", offsetof(bench_job, rows_dtype), read_word},
    {"isa", offsetof(bench_job, isa), read_word},
    {"clock", offsetof(bench_job, clock), read_word},
    {"sizes", 0, read_sizes},
    {"batchnorm", offsetof(bench_job, batchnorm), read_size},
    {"batch", offsetof(bench_job, batch), read_size},
    {"rows", offsetof(bench_job, rows), read_size},
    {"threads", offsetof(bench_job, threads), read_size},
    {"profile", offsetof(bench_job, profile), read_size},
    {"bytes", offsetof(bench_job, bytes), read_size},
    {"repeats", offsetof(bench_job, repeats), read_size},
    {"sigma", offsetof(bench_job, sigma), read_number},
    {"rate", offsetof(bench_job, rate), read_number},
    {"lambda", offsetof(bench_job, lambda), read_number},
    {"seconds", offsetof(bench_job, seconds), read_number},
};

static bool read_key(bench_job *job, const char *name, const char *text)
{
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        if (job_is(name, keys[i].name))
            return keys[i].read((char *)job + keys[i].offset, text);
    return false;
}

const char *job_parse(bench_job *result, char *line)
{
    bench_job parsed = {.kind = "train",
                        .dtype = "f32",
                        .rows_dtype = "u8",
                        .isa = "widest",
                        .clock = "wall"};
    parsed.batch = parsed.rows = parsed.threads = 1;
    parsed.rate = 0.01;
    parsed.lambda = 0.005;
    parsed.seconds = 0.1;
    for (char *word = strtok(line, " \n"); word; word = strtok(NULL, " \n")) {
        char *value = strchr(word, '=');
        if (!value)
            return word;
        *value = '\0';
        if (!read_key(&parsed, word, value + 1))
            return word;
    }
    *result = parsed;
    return NULL;
}

bool job_is(const char *word, const char *other)
{
    return strcmp(word, other) == 0;
}
