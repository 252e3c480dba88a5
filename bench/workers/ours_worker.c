/* libmlpbn, through its public interface. */
#include "worker.h"

#include <mlpbn.h>
#include <stdio.h>
#include <stdlib.h>

enum { MAX_PHASES = 32 };

typedef struct ours {
    const bench_job *job;
    bool predicts, is_f64;
    mlpbn_network *network;
    mlpbn_optimizer *optimizer;
    mlpbn_sampler *sampler;
    mlpbn_workspace *workspace;
    mlpbn_loss_options loss;
    mlpbn_rows batch;
    size_t next, batches; /* the next of the batches to predict, and their number */
    const char *data;     /* the rows to predict, batch after batch */
    size_t batch_bytes;
    void *y;
    double before[MAX_PHASES]; /* seconds of each phase, when the last run began */
} ours;

static void require(mlpbn_status status)
{
    if (status == MLPBN_OK)
        return;
    fprintf(stderr, "libmlpbn: %s\n", mlpbn_last_error());
    exit(1);
}

static void make_network(ours *o)
{
    const bench_job *job = o->job;
    const mlpbn_batchnorm_options batchnorm = MLPBN_BATCHNORM_OPTIONS_INIT;
    mlpbn_layer_options layers[JOB_LAYERS];
    for (size_t l = 0; l < job->layers; l++) {
        bool last = l + 1 == job->layers;
        mlpbn_layer_options layer = MLPBN_LAYER_OPTIONS_INIT(
            job->sizes[l + 1], last ? MLPBN_IDENTITY : MLPBN_RELU);
        layer.batchnorm = job->batchnorm && !last ? &batchnorm : NULL;
        layer.bias = !layer.batchnorm;
        if (job->sigma > 0) {
            layer.init = MLPBN_INIT_NORMAL;
            layer.init_sigma = job->sigma;
        }
        layers[l] = layer;
    }
    mlpbn_network_options options = MLPBN_NETWORK_OPTIONS_INIT(job->sizes[0]);
    options.dtype = o->is_f64 ? MLPBN_F64 : MLPBN_F32;
    require(mlpbn_network_create(&o->network, &options, layers, job->layers));
}

static void standardize(ours *o, const dataset *data)
{
    double *mean = dataset_memory(2 * data->columns, sizeof *mean);
    double *std = mean + data->columns;
    for (size_t j = 0; j < data->columns; j++) {
        mean[j] = DATASET_MEAN;
        std[j] = DATASET_STD;
    }
    require(mlpbn_network_set_standardization(o->network, mean, std, data->columns));
    free(mean);
}

static void make_training(ours *o, const mlpbn_rows *rows)
{
    mlpbn_optimizer_options optimizer = MLPBN_OPTIMIZER_OPTIONS_INIT;
    optimizer.learning_rate = o->job->rate;
    require(mlpbn_optimizer_create(&o->optimizer, o->network, &optimizer));
    mlpbn_sampler_options sampler = MLPBN_SAMPLER_OPTIONS_INIT;
    sampler.batch = o->job->batch;
    require(mlpbn_sampler_create(&o->sampler, rows, &sampler));
}

static void make_prediction(ours *o, const dataset *data)
{
    size_t element = data->is_u8 ? 1 : sizeof(float);
    o->data = data->x;
    o->batch.n = o->batch.n_data = o->job->batch;
    o->batches = data->rows / o->job->batch;
    o->batch_bytes = o->job->batch * data->columns * element;
    o->y = dataset_memory(o->job->batch * data->outputs, sizeof(double));
}

static void *prepare(const bench_job *job, const dataset *data, const char **reason)
{
    (void)reason;
    ours *o = dataset_memory(1, sizeof *o);
    o->job = job;
    o->predicts = job_is(job->kind, "predict");
    o->is_f64 = job_is(job->dtype, "f64");
    make_network(o);
    if (data->is_u8)
        standardize(o, data);

    mlpbn_workspace_options options = MLPBN_WORKSPACE_OPTIONS_INIT;
    options.max_batch = job->batch;
    options.mode = o->predicts ? MLPBN_PREDICT : MLPBN_TRAIN;
    options.threads = (int)job->threads;
    options.profile = (int)job->profile;
    require(mlpbn_workspace_create(&o->workspace, o->network, &options));

    mlpbn_rows rows = MLPBN_ROWS_INIT(data->x, data->is_u8 ? MLPBN_U8 : MLPBN_F32,
                                      data->rows, data->columns);
    rows.labels = data->labels;
    o->batch = rows;
    o->loss = (mlpbn_loss_options)MLPBN_LOSS_OPTIONS_INIT;
    o->loss.lambda = job->lambda;
    if (o->predicts)
        make_prediction(o, data);
    else
        make_training(o, &rows);
    return o;
}

static void predict(ours *o)
{
    o->batch.data = o->data + o->next * o->batch_bytes;
    o->next = o->next + 1 == o->batches ? 0 : o->next + 1;
    if (o->is_f64)
        require(mlpbn_predict_f64(o->network, o->workspace, &o->batch, o->y));
    else
        require(mlpbn_predict_f32(o->network, o->workspace, &o->batch, o->y));
}

static void train(ours *o)
{
    require(mlpbn_sampler_next(&o->batch, o->sampler));
    if (o->batch.n == 0)
        require(mlpbn_sampler_next(&o->batch, o->sampler));
    require(mlpbn_train_step(o->network, o->optimizer, o->workspace, &o->batch, &o->loss,
                             NULL));
}

static double phase_seconds(const ours *o, int phase)
{
    double seconds;
    require(mlpbn_workspace_seconds(&seconds, o->workspace, (mlpbn_phase)phase));
    return seconds;
}

static int n_phases(const ours *o)
{
    int n = 0;
    while (o->job->profile && n < MAX_PHASES && mlpbn_phase_name((mlpbn_phase)n))
        n++;
    return n;
}

static void print_phases(const void *state)
{
    const ours *o = state;
    for (int i = 0; i < n_phases(o); i++) {
        putchar(' ');
        for (const char *c = mlpbn_phase_name((mlpbn_phase)i); *c; c++)
            putchar(*c == ' ' ? '-' : *c);
        printf("=%.9g", phase_seconds(o, i) - o->before[i]);
    }
}

static void run(void *state, size_t repeats)
{
    ours *o = state;
    for (int i = 0; i < n_phases(o); i++)
        o->before[i] = phase_seconds(o, i);
    for (size_t i = 0; i < repeats; i++)
        if (o->predicts)
            predict(o);
        else
            train(o);
}

static void release(void *state)
{
    ours *o = state;
    mlpbn_workspace_destroy(o->workspace);
    mlpbn_sampler_destroy(o->sampler);
    mlpbn_optimizer_destroy(o->optimizer);
    mlpbn_network_destroy(o->network);
    free(o->y);
    free(o);
}

int main(void)
{
    static char name[80];
    snprintf(name, sizeof name, "libmlpbn %s", mlpbn_version());
    return worker_serve(
        &(contestant){name, true, prepare, run, release, NULL, print_phases});
}
