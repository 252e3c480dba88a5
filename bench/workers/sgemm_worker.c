/* The products of a step as bare calls of CBLAS on a batch that lies ready, and nothing
 * else: the floor for whoever computes with this BLAS. */
#include "worker.h"

#include <cblas.h>
#include <stdlib.h>

typedef struct products {
    const bench_job *job;
    bool trains, doubles;
    void *x[JOB_LAYERS + 1];  /* [batch][sizes[l]]: input of layer l */
    void *dx[JOB_LAYERS + 1]; /* and its gradient */
    void *w[JOB_LAYERS], *dw[JOB_LAYERS];
} products;

/* Products of zeros are as fast as others, but for those of denormals. */
static void *fill(size_t n, bool doubles)
{
    uint64_t state = n;
    void *memory = dataset_memory(n, doubles ? sizeof(double) : sizeof(float));
    for (size_t i = 0; i < n; i++) {
        float value = dataset_number(&state);
        if (doubles)
            ((double *)memory)[i] = (double)value;
        else
            ((float *)memory)[i] = value;
    }
    return memory;
}

static void *prepare(const bench_job *job, const dataset *data, const char **reason)
{
    (void)data;
    (void)reason;
    products *p = dataset_memory(1, sizeof *p);
    p->job = job;
    p->trains = !job_is(job->kind, "predict");
    p->doubles = job_is(job->dtype, "f64");
    for (size_t l = 0; l <= job->layers; l++) {
        p->x[l] = fill(job->batch * job->sizes[l], p->doubles);
        p->dx[l] = fill(job->batch * job->sizes[l], p->doubles);
    }
    for (size_t l = 0; l < job->layers; l++) {
        p->w[l] = fill(job->sizes[l] * job->sizes[l + 1], p->doubles);
        p->dw[l] = fill(job->sizes[l] * job->sizes[l + 1], p->doubles);
    }
    return p;
}

/* c [m][n] = a b, of a [m][k] or its transpose, b [k][n] or its transpose. */
static void multiply(const products *p, void *c, const void *a, bool ta, const void *b,
                     bool tb, size_t m, size_t n, size_t k)
{
    enum CBLAS_TRANSPOSE a_form = ta ? CblasTrans : CblasNoTrans;
    enum CBLAS_TRANSPOSE b_form = tb ? CblasTrans : CblasNoTrans;
    int lda = (int)(ta ? m : k), ldb = (int)(tb ? k : n);
    if (p->doubles)
        cblas_dgemm(CblasRowMajor, a_form, b_form, (int)m, (int)n, (int)k, 1, a, lda, b,
                    ldb, 0, c, (int)n);
    else
        cblas_sgemm(CblasRowMajor, a_form, b_form, (int)m, (int)n, (int)k, 1, a, lda, b,
                    ldb, 0, c, (int)n);
}

static void step(products *p)
{
    const size_t *sizes = p->job->sizes, n = p->job->batch;
    for (size_t l = 0; l < p->job->layers; l++)
        multiply(p, p->x[l + 1], p->x[l], false, p->w[l], true, n, sizes[l + 1],
                 sizes[l]);
    for (size_t l = p->trains ? p->job->layers : 0; l-- > 0;) {
        multiply(p, p->dw[l], p->dx[l + 1], true, p->x[l], false, sizes[l + 1], sizes[l],
                 n);
        if (l > 0)
            multiply(p, p->dx[l], p->dx[l + 1], false, p->w[l], false, n, sizes[l],
                     sizes[l + 1]);
    }
}

/* Activations must not grow from step to step: backward reads its own dx[layers], but
 * writes the others from it, and forward starts from x[0]. */
static void run(void *state, size_t units)
{
    for (size_t i = 0; i < units; i++)
        step(state);
}

static void release(void *state)
{
    products *p = state;
    for (size_t l = 0; l <= p->job->layers; l++) {
        free(p->x[l]);
        free(p->dx[l]);
    }
    for (size_t l = 0; l < p->job->layers; l++) {
        free(p->w[l]);
        free(p->dw[l]);
    }
    free(p);
}

int main(void)
{
    return worker_serve(
        &(contestant){"cblas gemm alone", false, prepare, run, release, NULL, NULL});
}
