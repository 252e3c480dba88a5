/* The cases of the study of initializations and their file of results. */
#include "init_study.h"

#include "describe.h"
#include "fatal.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LINE = 300 };

const char init_columns[] =
    "init,batchnorm,bn_eps,run,epoch,train_cost,train_loss,train_accuracy,val_cost,"
    "val_loss,val_accuracy,test_accuracy,seconds";

static void add_cases(init_study *study, bool batchnorm, double eps)
{
    for (size_t i = 0; i < study->options->n_inits; i++)
        study->cases[study->n++] =
            (init_case){&study->options->inits[i], batchnorm, eps, study->panels};
    study->panels++;
}

void init_study_create(init_study *study, const init_options *options)
{
    *study = (init_study){.options = options};
    if (options->without_batchnorm)
        add_cases(study, false, 0);
    for (size_t i = 0; options->with_batchnorm && i < options->n_eps; i++)
        add_cases(study, true, options->eps[i]);
    study->runs = calloc(study->n * (size_t)options->train.runs, sizeof *study->runs);
    if (!study->runs)
        fatal("no memory for %zu cases", study->n);
}

void init_study_free(init_study *study)
{
    for (size_t i = 0; i < study->n * (size_t)study->options->train.runs; i++)
        curves_free(&study->runs[i].curves);
    free(study->runs);
    study->runs = NULL;
}

init_run *init_runs(const init_study *study, size_t i)
{
    return study->runs + i * (size_t)study->options->train.runs;
}

/* Writes the first columns of a run's lines: "he,1,1e-05,3,". */
static void print_key(char key[LINE], const init_study *study, size_t job)
{
    uint64_t runs = study->options->train.runs;
    const init_case *c = &study->cases[job / runs];
    char init[NUMBER_SIZE];
    snprintf(key, LINE, "%s,%d,%g,%" PRIu64 ",", describe_init(init, c->init),
             c->batchnorm, c->eps, job % runs + 1);
}

/* Returns the index of the run whose record this is; study->n * runs if there is none. */
static size_t find_run(const init_study *study, const char *record)
{
    char key[LINE];
    size_t n = study->n * (size_t)study->options->train.runs, job = 0;
    for (; job < n; job++) {
        print_key(key, study, job);
        if (strncmp(record, key, strlen(key)) == 0)
            break;
    }
    return job;
}

/* Parses a line of a record after its key; returns false if it is not valid. */
static bool read_point(curve_point *point, run_result *result, const char *line,
                       bool last)
{
    mlpbn_metrics *train = &point->train, *validation = &point->validation;
    int length = 0;
    int n = sscanf(line, "%lf,%lf,%lf,%lf,%lf,%lf,%lf,%n", &point->epoch, &train->cost,
                   &train->loss, &train->accuracy, &validation->cost, &validation->loss,
                   &validation->accuracy, &length);
    if (n != 7 || length == 0)
        return false;
    if (!last)
        return strncmp(line + length, ",\n", 2) == 0;
    const char *rest = line + length;
    result->accuracy[TRAIN] = train->accuracy;
    result->accuracy[VALIDATION] = validation->accuracy;
    return sscanf(rest, "%lf,%lf%n", &result->accuracy[TEST], &result->seconds,
                  &length) == 2 &&
           rest[length] == '\n';
}

static bool read_run(init_study *study, const char *record)
{
    size_t job = find_run(study, record);
    if (job == study->n * (size_t)study->options->train.runs || study->runs[job].done)
        return false;
    init_run *run = &study->runs[job];
    uint64_t epochs = study->options->train.epochs;
    char key[LINE];
    print_key(key, study, job);
    for (uint64_t i = 0; i <= epochs; i++) {
        curve_point point = {.run = 1};
        if (strncmp(record, key, strlen(key)) != 0 ||
            !read_point(&point, &run->result, record + strlen(key), i == epochs) ||
            point.epoch != (double)i)
            return false;
        curves_add(&run->curves, &point);
        record = strchr(record, '\n') + 1;
    }
    return run->done = true;
}

void init_resume(init_study *study, result_file *file)
{
    for (const char *record; (record = result_file_next(file)) != NULL;)
        if (!read_run(study, record))
            result_file_reject(file);
}

void init_append(const result_file *file, const init_study *study, size_t job)
{
    const init_run *run = &study->runs[job];
    size_t size = (run->curves.n + 1) * LINE, n = 0;
    char key[LINE], *record = malloc(size);
    if (!record)
        fatal("no memory for a record");
    print_key(key, study, job);
    for (size_t i = 0; i < run->curves.n; i++) {
        const curve_point *p = &run->curves.points[i];
        bool last = i + 1 == run->curves.n;
        n += (size_t)snprintf(record + n, size - n, "%s%g,%.9g,%.9g,%.6f,%.9g,%.9g,%.6f,",
                              key, p->epoch, p->train.cost, p->train.loss,
                              p->train.accuracy, p->validation.cost, p->validation.loss,
                              p->validation.accuracy);
        n += (size_t)(last ? snprintf(record + n, size - n, "%.6f,%.2f\n",
                                      run->result.accuracy[TEST], run->result.seconds)
                           : snprintf(record + n, size - n, ",\n"));
    }
    result_file_append(file, record);
    free(record);
}
