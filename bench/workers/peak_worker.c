/* The peak of the machine: multiply-adds in registers (kind fma; counted in FLOPs, two for each
 * multiply-add), and reading an array of job.bytes again and again (kind read: each repeat reads it
 * once, each thread its own). */
#include "worker.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

/* FMA_CHAINS independent chains hide the latency of every known FMA unit; with two operands
 * they fit the 16 registers of AVX2. */
enum { FMA_CHAINS = 12, FMA_ROUNDS = 1000, READ_SUMS = 8, MAX_THREADS = 64 };

/* Results are written here, so that the compiler does not remove the loops as unused. */
static volatile double sink;

#define FMA_LOOP(name, target_isa, real, bytes)                                          \
    target_isa static void name(size_t rounds)                                           \
    {                                                                                    \
        typedef real vector __attribute__((vector_size(bytes)));                         \
        vector a[FMA_CHAINS], factor = {0}, term = {0};                                  \
        factor += (real)0.999;                                                           \
        term += (real)0.001;                                                             \
        for (int i = 0; i < FMA_CHAINS; i++)                                             \
            a[i] = term * (real)i;                                                       \
        for (size_t r = 0; r < rounds; r++) {                                            \
            _Pragma("GCC unroll 12") for (int i = 0; i < FMA_CHAINS; i++) a[i] =         \
                a[i] * factor + term;                                                    \
        }                                                                                \
        for (int i = 1; i < FMA_CHAINS; i++)                                             \
            a[0] += a[i];                                                                \
        sink = (double)a[0][0];                                                          \
    }

/* Sums an array of whole blocks of READ_SUMS vectors. */
#define READ_LOOP(name, target_isa, bytes)                                               \
    target_isa static void name(const void *data, size_t n)                              \
    {                                                                                    \
        typedef long long vector __attribute__((vector_size(bytes)));                    \
        const vector *x = data;                                                          \
        vector sum[READ_SUMS] = {{0}};                                                   \
        for (size_t b = 0; b < n / (sizeof *x * READ_SUMS); b++, x += READ_SUMS) {       \
            _Pragma("GCC unroll 8") for (int i = 0; i < READ_SUMS; i++) sum[i] += x[i];  \
        }                                                                                \
        for (int i = 1; i < READ_SUMS; i++)                                              \
            sum[0] += sum[i];                                                            \
        sink = (double)sum[0][0];                                                        \
    }

#define NO_TARGET
FMA_LOOP(fma_plain_f32, NO_TARGET, float, 16)
FMA_LOOP(fma_plain_f64, NO_TARGET, double, 16)
READ_LOOP(read_plain, NO_TARGET, 16)

#if defined(__x86_64__)
#define AVX2 __attribute__((target("avx2,fma")))
#define AVX512 __attribute__((target("avx512f,avx512vl,fma")))
FMA_LOOP(fma_avx2_f32, AVX2, float, 32)
FMA_LOOP(fma_avx2_f64, AVX2, double, 32)
READ_LOOP(read_avx2, AVX2, 32)
FMA_LOOP(fma_avx512_f32, AVX512, float, 64)
FMA_LOOP(fma_avx512_f64, AVX512, double, 64)
READ_LOOP(read_avx512, AVX512, 64)
#endif

typedef struct isa_loops {
    size_t width; /* bytes of a vector */
    void (*fma_f32)(size_t rounds), (*fma_f64)(size_t rounds);
    void (*read)(const void *data, size_t n);
} isa_loops;

static isa_loops choose(const char *isa)
{
#if defined(__x86_64__)
    if (job_is(isa, "widest") && __builtin_cpu_supports("avx512vl"))
        return (isa_loops){64, fma_avx512_f32, fma_avx512_f64, read_avx512};
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
        return (isa_loops){32, fma_avx2_f32, fma_avx2_f64, read_avx2};
#endif
    (void)isa;
    return (isa_loops){16, fma_plain_f32, fma_plain_f64, read_plain};
}

typedef struct peak {
    isa_loops loops;
    const bench_job *job;
    bool reads;
    void *data[MAX_THREADS];
} peak;

static void *prepare(const bench_job *job, const dataset *data, const char **reason)
{
    (void)data;
    peak *p = dataset_memory(1, sizeof *p);
    p->loops = choose(job->isa);
    p->job = job;
    p->reads = job_is(job->kind, "read");
    if (job->threads > MAX_THREADS ||
        (job_is(job->isa, "avx2") && p->loops.width != 32)) {
        *reason = "no such vectors or threads here";
        free(p);
        return NULL;
    }
    for (size_t i = 0; p->reads && i < job->threads; i++)
        p->data[i] = dataset_memory(job->bytes, 1);
    return p;
}

typedef struct thread_job {
    const peak *peak;
    const void *data;
    size_t repeats;
} thread_job;

static void *work(void *argument)
{
    const thread_job *j = argument;
    const isa_loops *m = &j->peak->loops;
    for (size_t i = 0; i < j->repeats; i++)
        if (j->peak->reads)
            m->read(j->data, j->peak->job->bytes);
        else if (job_is(j->peak->job->dtype, "f64"))
            m->fma_f64(FMA_ROUNDS);
        else
            m->fma_f32(FMA_ROUNDS);
    return NULL;
}

static void run(void *state, size_t repeats)
{
    const peak *p = state;
    pthread_t threads[MAX_THREADS];
    thread_job jobs[MAX_THREADS];
    size_t n = p->job->threads;
    for (size_t i = 0; i < n; i++)
        jobs[i] = (thread_job){p, p->data[i], repeats};
    for (size_t i = 1; i < n; i++)
        if (pthread_create(&threads[i], NULL, work, &jobs[i]) != 0)
            abort();
    work(&jobs[0]);
    for (size_t i = 1; i < n; i++)
        pthread_join(threads[i], NULL);
}

static void release(void *state)
{
    peak *p = state;
    for (size_t i = 0; i < MAX_THREADS; i++)
        free(p->data[i]);
    free(p);
}

/* Returns the FLOPs of FMA_ROUNDS rounds on all threads, or 1 for kind read. */
static double flops_per_run(const void *state)
{
    const peak *p = state;
    size_t element = job_is(p->job->dtype, "f64") ? sizeof(double) : sizeof(float);
    size_t flops = 2 * FMA_ROUNDS * FMA_CHAINS * p->loops.width / element;
    return (double)(p->reads ? 1 : flops * p->job->threads);
}

int main(void)
{
    return worker_serve(
        &(contestant){"peak", false, prepare, run, release, flops_per_run, NULL});
}
