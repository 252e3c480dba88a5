/* Gathering, reductions, activations and updates against long double. */
#include "base/memory.h"
#include "typed_helpers.h"

enum { ROWS = 7, COLUMNS = 37, STRIDE = 41, LEFT = 16 };

static double number_at(mlpbn_dtype dtype, size_t row, size_t column)
{
    double value = (double)((row * 131 + column * 29) % 256);
    return dtype == MLPBN_U8 ? value : (value - 100.5) * 2.385;
}

/* The same irregular numbers in each type. */
static void fill_table(unsigned char *table, mlpbn_dtype dtype)
{
    for (size_t i = 0; i < ROWS * STRIDE; i++) {
        size_t row = i / STRIDE, column = i % STRIDE;
        double value = column < COLUMNS ? number_at(dtype, row, column) : 99;
        float single = (float)value;
        if (dtype == MLPBN_U8)
            table[i] = (unsigned char)value;
        else if (dtype == MLPBN_F32)
            memcpy(table + i * sizeof single, &single, sizeof single);
        else
            memcpy(table + i * sizeof value, &value, sizeof value);
    }
}

static void check_gather(const R(kernels) *kernels, mlpbn_dtype dtype,
                         const size_t *index, const real *scale)
{
    _Alignas(8) unsigned char bytes[1 + ROWS * STRIDE * sizeof(double)];
    unsigned char *table = bytes + 1; /* aligned for no type */
    _Alignas(64) real mean[COLUMNS], mean_lo[COLUMNS];
    double mean_f64[COLUMNS];
    for (size_t j = 0; j < COLUMNS; j++) {
        double exact = 12.385 + 0.1 * (double)j;
        mean_f64[j] = exact;
        mean[j] = (real)exact;
        mean_lo[j] = (real)(exact - (double)mean[j]);
    }
    fill_table(table, dtype);
    R(source) source = {table,
                        dtype,
                        ROWS,
                        COLUMNS,
                        STRIDE,
                        index,
                        scale ? mean : NULL,
                        scale ? mean_lo : NULL,
                        scale,
                        scale ? mean_f64 : NULL};
    size_t ldx = R(padded)(COLUMNS);
    real *x = mlpbn__memory_new(ROWS * ldx * sizeof *x);
    memset(x, 0x5a, ROWS * ldx * sizeof *x);
    const R(gather_args) blocks[] = {
        {&source, 0, 3, 0, COLUMNS, x, ldx},
        {&source, 3, ROWS, 0, LEFT, x + 3 * ldx, ldx},
        {&source, 3, ROWS, LEFT, COLUMNS, x + 3 * ldx + LEFT, ldx},
    };
    for (size_t b = 0; b < LENGTH(blocks); b++)
        kernels->gather(blocks + b);
    for (size_t i = 0; i < ROWS; i++) {
        size_t row = index ? index[i] : i;
        for (size_t j = 0; j < ldx; j++) {
            long double value = 0, size = 0;
            if (j < COLUMNS) {
                value = (long double)number_at(dtype, row, j);
                if (dtype == MLPBN_F32)
                    value = (long double)(float)value;
                size = fabsl(value);
                if (scale) {
                    value -= 12.385L + 0.1L * (long double)j;
                    size = (size + fabsl(value)) * (long double)scale[j];
                    value *= (long double)scale[j];
                }
            }
            assert_close(x[i * ldx + j], value, size, 3);
        }
    }
    mlpbn__memory_free(x);
}

KERNEL_TEST(gathers_every_type, 1)
{
    static const size_t index[ROWS] = {3, 0, 6, 6, 1, 5, 2};
    static const mlpbn_dtype dtypes[] = {MLPBN_U8, MLPBN_F32, MLPBN_F64};
    _Alignas(64) real scale[COLUMNS];
    for (size_t j = 0; j < COLUMNS; j++)
        scale[j] = (real)(0.037 + 0.01 * (double)j);
    for (size_t d = 0; d < 3; d++)
        for (int by_index = 0; by_index < 2; by_index++)
            for (int standardized = 0; standardized < 2; standardized++)
                check_gather(kernels, dtypes[d], by_index ? index : NULL,
                             standardized ? scale : NULL);
}

KERNEL_TEST(reductions, 1)
{
    real x[144] = {0}, y[131], z[131];
    draw(x, 131, 2.385, 1);
    draw(y, 131, 0.61, 2);
    for (size_t n = 1; n <= 131; n++) {
        long double sum = 0, squares = 0, sizes = 0, largest = 0;
        memcpy(z, y, sizeof z);
        for (size_t i = 0; i < n; i++) {
            long double xi = (long double)x[i];
            sum += xi;
            squares += xi * xi;
            sizes += fabsl(xi);
            largest = fmaxl(largest, fabsl(xi));
        }
        ck_assert_double_le(fabs(kernels->sum(n, x) - (double)sum),
                            1e-15 * (double)sizes);
        ck_assert_double_le(fabs(kernels->sum_squares(n, x) - (double)squares),
                            1e-15 * (double)squares);
        ck_assert_double_eq((double)kernels->max_abs(n, x), (double)largest);
        kernels->axpy(n, (real)-1.385, x, z);
        for (size_t i = 0; i < 131; i++)
            assert_close(z[i],
                         (long double)y[i] -
                             (i < n ? (long double)(real)1.385 * (long double)x[i] : 0),
                         fabsl((long double)y[i]) + 1.385L * fabsl((long double)x[i]), 2);
    }
    /* max_abs never loses a NaN. */
    for (size_t place = 0; place < 67; place++) {
        real hard[80];
        draw(hard, 67, 1e30, 3);
        hard[place] = (real)NAN;
        hard[(place + 13) % 67] = (real)-INFINITY;
        ck_assert(isnan(kernels->max_abs(67, hard)));
        hard[place] = 0;
        ck_assert(isinf(kernels->max_abs(67, hard)));
    }
}

typedef struct parameter {
    long double p, m, v;
} parameter;

static parameter after_step(mlpbn_optimizer_kind kind, const R(update_args) *s,
                            parameter q, long double g)
{
    int momentum = s->m != NULL;
    g *= (long double)s->clip;
    if (kind == MLPBN_SGD) {
        q.m = momentum ? (long double)s->beta1 * q.m + g : g;
        q.p -= (long double)s->step_size *
               (s->nesterov ? g + (long double)s->beta1 * q.m : q.m);
        return q;
    }
    q.v = (long double)s->beta2 * q.v + (long double)s->one_minus_beta2 * g * g;
    if (kind == MLPBN_RMSPROP) {
        g /= sqrtl(q.v) + (long double)s->eps;
        q.m = momentum ? (long double)s->beta1 * q.m + g : g;
        q.p -= (long double)s->step_size * q.m;
    } else {
        q.m = (long double)s->beta1 * q.m + (long double)s->one_minus_beta1 * g;
        q.p = (long double)s->decay_factor * q.p -
              (long double)s->step_size * q.m /
                  (sqrtl(q.v) * (long double)s->inverse_sqrt_correction2 +
                   (long double)s->eps);
    }
    return q;
}

/* Three steps of each kind of optimizer, with what it remembers. */
KERNEL_TEST(updates, 1)
{
    static const struct {
        mlpbn_optimizer_kind kind;
        int momentum, nesterov;
    } forms[] = {{MLPBN_SGD, 0, 0},     {MLPBN_SGD, 1, 0},     {MLPBN_SGD, 1, 1},
                 {MLPBN_RMSPROP, 0, 0}, {MLPBN_RMSPROP, 1, 0}, {MLPBN_ADAM, 1, 0},
                 {MLPBN_ADAMW, 1, 0}};
    enum { N = 19 };
    for (size_t f = 0; f < LENGTH(forms); f++) {
        real p[N], m[N] = {0}, v[N] = {0}, g[N];
        parameter expected[N] = {{0}};
        R(update_args) args =
            ARGS(update_args, .n = N, .p = p, .m = forms[f].momentum ? m : NULL, .v = v,
                 .g = g, .step_size = (real)0.0385, .clip = (real)0.713,
                 .beta1 = (real)0.871, .one_minus_beta1 = (real)0.129,
                 .beta2 = (real)0.9385, .one_minus_beta2 = (real)0.0615,
                 .inverse_sqrt_correction2 = (real)2.385, .eps = (real)1e-3,
                 .decay_factor = (real)0.9173, .nesterov = forms[f].nesterov);
        draw(p, N, 1.61, 5);
        for (size_t i = 0; i < N; i++)
            expected[i].p = (long double)p[i];
        for (uint64_t t = 0; t < 3; t++) {
            draw(g, N, 2.385, 6 + t);
            kernels->updates[forms[f].kind](&args);
            for (size_t i = 0; i < N; i++)
                expected[i] =
                    after_step(forms[f].kind, &args, expected[i], (long double)g[i]);
        }
        for (size_t i = 0; i < N; i++)
            assert_close(p[i], expected[i].p, 5, 6);
    }
}
