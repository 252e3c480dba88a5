/* FANN, with the closest network that it has: without ReLU, softmax and L2 penalty, so hidden units
 * are FANN_LINEAR_PIECE and the loss is the squared error. Its rows are pointers to floats, so
 * gathering a batch costs nothing; the floats are standardized before. */
#include "worker.h"

#include <fann.h>
#include <stdlib.h>

typedef struct network {
    const bench_job *job;
    const dataset *data;
    bool predicts;
    struct fann *fann;
    struct fann_train_data *batch;
    fann_type **fann_rows, **fann_targets; /* batch's original pointers, freed with it */
    float *x, *targets;
    size_t *order, next;
    uint64_t random;
} network;

static struct fann *make_fann(const bench_job *job)
{
    unsigned sizes[JOB_LAYERS + 1];
    for (size_t l = 0; l <= job->layers; l++)
        sizes[l] = (unsigned)job->sizes[l];
    struct fann *fann = fann_create_standard_array((unsigned)job->layers + 1, sizes);
    fann_set_activation_function_hidden(fann, FANN_LINEAR_PIECE);
    fann_set_activation_function_output(fann, FANN_LINEAR);
    fann_set_training_algorithm(fann, FANN_TRAIN_BATCH);
    fann_set_learning_rate(fann, (float)job->rate / 100);
    fann_randomize_weights(fann, -0.02f, 0.02f);
    return fann;
}

static void make_batch(network *n)
{
    n->batch = fann_create_train((unsigned)n->job->batch, (unsigned)n->data->columns,
                                 (unsigned)n->data->outputs);
    n->fann_rows = n->batch->input;
    n->fann_targets = n->batch->output;
    n->batch->input = dataset_memory(n->job->batch, sizeof(fann_type *));
    n->batch->output = dataset_memory(n->job->batch, sizeof(fann_type *));
}

static void *prepare(const bench_job *job, const dataset *data, const char **reason)
{
    if (job->threads > 1 || !job_is(job->dtype, "f32") ||
        (job->batchnorm && !job_is(job->kind, "predict"))) {
        *reason = "has one thread, float32 and no batchnorm";
        return NULL;
    }
    network *n = dataset_memory(1, sizeof *n);
    n->job = job;
    n->data = data;
    n->predicts = job_is(job->kind, "predict");
    n->fann = make_fann(job);
    n->x = dataset_memory(data->rows * data->columns, sizeof *n->x);
    n->targets = dataset_memory(data->outputs * data->outputs, sizeof *n->targets);
    n->order = dataset_memory(data->rows, sizeof *n->order);
    for (size_t i = 0; i < data->rows; i++)
        dataset_row(n->x + i * data->columns, data, i);
    for (size_t i = 0; i < data->outputs; i++)
        n->targets[i * data->outputs + i] = 1;
    make_batch(n);
    return n;
}

static void begin_epoch(network *n)
{
    dataset_shuffle(n->order, n->data->rows, &n->random);
    n->next = 0;
}

static void train(network *n)
{
    size_t batch = n->job->batch, columns = n->data->columns, outputs = n->data->outputs;
    if (n->next % (n->data->rows / batch * batch) == 0)
        begin_epoch(n);
    for (size_t i = 0; i < batch; i++) {
        size_t row = n->order[n->next++];
        n->batch->input[i] = n->x + row * columns;
        n->batch->output[i] = n->targets + (size_t)n->data->labels[row] * outputs;
    }
    fann_train_epoch(n->fann, n->batch);
}

static void predict(network *n)
{
    for (size_t i = 0; i < n->job->batch; i++) {
        fann_run(n->fann, n->x + n->next * n->data->columns);
        n->next = (n->next + 1) % n->data->rows;
    }
}

static void run(void *state, size_t repeats)
{
    network *n = state;
    for (size_t i = 0; i < repeats; i++)
        if (n->predicts)
            predict(n);
        else
            train(n);
}

static void release(void *state)
{
    network *n = state;
    free(n->batch->input);
    free(n->batch->output);
    n->batch->input = n->fann_rows;
    n->batch->output = n->fann_targets;
    fann_destroy_train(n->batch);
    fann_destroy(n->fann);
    free(n->order);
    free(n->targets);
    free(n->x);
    free(n);
}

int main(void)
{
    return worker_serve(
        &(contestant){"FANN 2.2", true, prepare, run, release, NULL, NULL});
}
