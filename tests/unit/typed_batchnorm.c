/* Batchnorm of one unit against a two-pass long-double computation, also for rows that
 * are hard: far from 0, tiny, constant, of two numbers. */
#include "typed_helpers.h"

enum { MOST = 130, ROOM = 160 };

typedef struct reference {
    long double mean, variance, inverse, xhat[MOST];
} reference;

/* Shifted by the first number, which is exact: long double has too few digits to sum
 * numbers far from 0 otherwise. */
static reference normalize(size_t n, const real *z, double eps)
{
    reference r = {0};
    long double shifted = 0, first = (long double)z[0];
    for (size_t j = 0; j < n; j++)
        shifted += ((long double)z[j] - first) / (long double)n;
    for (size_t j = 0; j < n; j++) {
        r.xhat[j] = (long double)z[j] - first - shifted;
        r.variance += r.xhat[j] * r.xhat[j] / (long double)n;
    }
    r.mean = first + shifted;
    r.inverse = 1 / sqrtl(r.variance + (long double)eps);
    for (size_t j = 0; j < n; j++)
        r.xhat[j] *= r.inverse;
    return r;
}

static void check_unit(const R(kernels) *kernels, size_t n, const real *z, double eps)
{
    const double units = 8; /* of rounding, for numbers of the size of xhat */
    const real gamma = (real)1.385, beta = (real)-0.61;
    reference r = normalize(n, z, eps);
    real xhat[ROOM], y[ROOM], d[ROOM], dy[ROOM];
    mlpbn__moments moments;
    memcpy(xhat, z, n * sizeof *z);
    memset(y, 0x5a, sizeof y);
    R(batchnorm_args) args = {n, xhat, gamma, beta, eps, y, &moments, d, 0, 0};
    kernels->batchnorm_forward(&args);

    ck_assert_double_le(fabs(moments.mean - (double)r.mean),
                        1e-14 * (fabs((double)r.mean) + sqrt((double)r.variance)));
    ck_assert_double_le(fabs(moments.variance - (double)r.variance),
                        units * (double)REAL_EPSILON * (double)r.variance);
    for (size_t j = 0; j < n; j++) {
        assert_close(xhat[j], r.xhat[j], 1 + fabsl(r.xhat[j]), units);
        assert_close(y[j], (long double)gamma * r.xhat[j] + (long double)beta,
                     1 + fabsl(r.xhat[j]), 2 * units);
    }
    for (size_t j = n; j < R(padded)(n); j++)
        ck_assert_double_eq((double)y[j], 0);

    /* backward, from an irregular upstream derivative */
    draw(dy, n, 2.385, 41);
    memcpy(d, dy, n * sizeof *d);
    memset(d + n, 0x5a, (ROOM - n) * sizeof *d);
    kernels->batchnorm_backward(&args);
    long double sum = 0, sum_xhat = 0, size = 0;
    for (size_t j = 0; j < n; j++) {
        sum += (long double)dy[j];
        sum_xhat += (long double)dy[j] * r.xhat[j];
        size += fabsl((long double)dy[j]) * (1 + fabsl(r.xhat[j]));
    }
    assert_close(args.d_gamma, sum_xhat, size, units);
    assert_close(args.d_beta, sum, size, units);
    long double factor = (long double)gamma * r.inverse, m = (long double)n;
    for (size_t j = 0; j < n; j++) {
        long double expected =
            factor * ((long double)dy[j] - sum / m - r.xhat[j] * sum_xhat / m);
        long double terms = fabsl((long double)dy[j]) + fabsl(sum / m) +
                            (1 + fabsl(r.xhat[j])) * size / m;
        assert_close(d[j], expected, factor * terms, 2 * units);
    }
    for (size_t j = n; j < R(padded)(n); j++)
        ck_assert_double_eq((double)d[j], 0);
}

KERNEL_TEST(ordinary_rows, 1)
{
    for (size_t n = 2; n <= MOST; n++) {
        real z[MOST];
        draw(z, n, 2.385, n);
        for (size_t j = 0; j < n; j++)
            z[j] += (real)0.713;
        check_unit(kernels, n, z, 1e-5);
    }
}

/* Numbers far from 0, tiny ones, and those whose variance vanishes beside any eps one would
 * choose. They are exact in float, so nothing is lost before the kernel: where the input
 * itself carries few digits of its spread, so may the result. */
KERNEL_TEST(hard_rows, 1)
{
    const real two[] = {(real)-1.385, (real)2.61};
    const real far[] = {(real)1e6, (real)(1e6 + 0.125)};
    real z[100];
    check_unit(kernels, 2, two, 1e-5);
    check_unit(kernels, 2, far, 1e-5);
    for (size_t j = 0; j < 100; j++)
        z[j] = (real)(1e6 + 0.125 * (double)((j * 37) % 29) - 1.75);
    check_unit(kernels, 100, z, 1e-5);
    draw(z, 100, 1e-12, 7);
    check_unit(kernels, 100, z, 1e-30);
    draw(z, 100, 1e-30, 9);
    check_unit(kernels, 100, z, 1e-62);
    for (size_t j = 0; j < 100; j++) /* 1 to 29 times the smallest float */
        z[j] =
            (real)((double)FLT_MIN * (double)FLT_EPSILON * (double)((j * 37) % 29 + 1));
    check_unit(kernels, 100, z, 1e-70);

    real y[ROOM];
    mlpbn__moments moments;
    for (size_t j = 0; j < 100; j++) /* a constant row gives beta */
        z[j] = (real)12.385;
    R(batchnorm_args) args = {100, z,        (real)3.7, (real)-0.61, 1e-5,
                              y,   &moments, NULL,      0,           0};
    kernels->batchnorm_forward(&args);
    ck_assert_double_le(moments.variance, 1e-25);
    for (size_t j = 0; j < 100; j++)
        assert_close(y[j], (long double)(real)-0.61, 1, 2);
}

/* Whatever the padding of z holds. */
KERNEL_TEST(affine_rows, 1)
{
    enum { UNITS = 3 };
    static const real mean[] = {(real)0.7, (real)-3.61, 0};
    static const real scale[] = {(real)1.9, (real)0.23, (real)-1.7};
    static const real shift[] = {(real)-2.385, 0, (real)4.1};
    for (size_t n = 1; n < MOST; n += 7) {
        _Alignas(64) real z[UNITS * ROOM], y[UNITS * ROOM];
        int given = (int)n % 8; /* which of the three are */
        draw(z, UNITS * ROOM, 3.1, n);
        for (size_t u = 0; u < UNITS; u++)
            z[u * ROOM + n] = (real)NAN;
        kernels->affine(&(R(affine_args)){UNITS, n, ROOM, z, given & 1 ? mean : NULL,
                                          given & 2 ? scale : NULL,
                                          given & 4 ? shift : NULL, y});
        for (size_t i = 0; i < UNITS * ROOM; i++) {
            size_t u = i / ROOM, j = i % ROOM;
            long double m = given & 1 ? (long double)mean[u] : 0;
            long double s = given & 2 ? (long double)scale[u] : 1;
            long double b = given & 4 ? (long double)shift[u] : 0;
            if (j < n)
                assert_close(y[i], ((long double)z[i] - m) * s + b,
                             10 + fabsl((long double)z[i]), 2);
            else if (j < R(padded)(n))
                ck_assert_double_eq((double)y[i], 0);
        }
    }
}

/* With n = 1 the units may be adjacent (ld 1): each has the bits that it has in a vector of its
 * own (ld LD), also in place. */
KERNEL_TEST(affine_of_a_single_row, 1)
{
    enum { UNITS = 130, LD = 64 / sizeof(real) };
    static _Alignas(64) real z[ROOM], y[ROOM], wide[UNITS * LD], expected[UNITS * LD];
    real mean[ROOM], scale[ROOM], shift[ROOM];
    draw(mean, ROOM, 1.9, 2);
    draw(scale, ROOM, 0.7, 3);
    draw(shift, ROOM, 2.385, 4);
    for (size_t units = 1; units <= UNITS; units++) {
        int given = (int)units % 8;
        const real *m = given & 1 ? mean : NULL, *s = given & 2 ? scale : NULL,
                   *b = given & 4 ? shift : NULL;
        draw(z, ROOM, 3.1, units);
        for (size_t u = 0; u < units; u++)
            wide[u * LD] = z[u];
        kernels->affine(&(R(affine_args)){units, 1, LD, wide, m, s, b, expected});
        kernels->affine(&(R(affine_args)){units, 1, 1, z, m, s, b, y});
        for (size_t u = 0; u < units; u++)
            ck_assert_mem_eq(y + u, expected + u * LD, sizeof *y);
        for (size_t u = units; u < R(padded)(units); u++)
            ck_assert_double_eq((double)y[u], 0);
        kernels->affine(&(R(affine_args)){units, 1, 1, z, m, s, b, z});
        ck_assert_mem_eq(z, y, R(padded)(units) * sizeof *y);
    }
}
