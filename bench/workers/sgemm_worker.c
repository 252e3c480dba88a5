/* The matrix products of a step, and nothing else, as calls of CBLAS on a batch in memory: a lower
 * bound for the time of all that compute with this BLAS. */
#include "worker.h"

#include <cblas.h>
#include <stdlib.h>

typedef struct products {
    const bench_job *job;
    bool trains, is_f64;
    void *x[JOB_LAYERS + 1];  /* [batch][sizes[l]]: input of layer l */
    void *dx[JOB_LAYERS + 1]; /* gradient of x */
    void *w[JOB_LAYERS], *dw[JOB_LAYERS];
} products;

/* Returns an array of random elements: none is denormal, which would be slow. */
static void *random_array(size_t n, bool is_f64)
{
    uint64_t state = n;
    void *memory = dataset_memory(n, is_f64 ? sizeof(double) : sizeof(float));
    for (size_t i = 0; i < n; i++) {
        float value = dataset_random(&state);
        if (is_f64)
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
    p->is_f64 = job_is(job->dtype, "f64");
    for (size_t l = 0; l <= job->layers; l++) {
        p->x[l] = random_array(job->batch * job->sizes[l], p->is_f64);
        p->dx[l] = random_array(job->batch * job->sizes[l], p->is_f64);
    }
    for (size_t l = 0; l < job->layers; l++) {
        p->w[l] = random_array(job->sizes[l] * job->sizes[l + 1], p->is_f64);
        p->dw[l] = random_array(job->sizes[l] * job->sizes[l + 1], p->is_f64);
    }
    return p;
}

/* C[m][n] = A[m][k] B[k][n]. a is A, or A^T if ta; b is B, or B^T if tb. */
static void multiply(const products *p, void *c, const void *a, bool ta, const void *b,
                     bool tb, size_t m, size_t n, size_t k)
{
    enum CBLAS_TRANSPOSE a_form = ta ? CblasTrans : CblasNoTrans;
    enum CBLAS_TRANSPOSE b_form = tb ? CblasTrans : CblasNoTrans;
    int lda = (int)(ta ? m : k), ldb = (int)(tb ? k : n);
    if (p->is_f64)
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

/* Elements do not grow from step to step: each step begins with the same x[0] and dx[layers]. */
static void run(void *state, size_t repeats)
{
    for (size_t i = 0; i < repeats; i++)
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
