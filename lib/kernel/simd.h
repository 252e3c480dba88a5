/* What the kernels of one instruction set share: names, and the vector type.
 *
 * K(gather) is mlpbn__gather_avx512_f32, say, by MLPBN_ISA and MLPBN_REAL. */
#ifndef MLPBN_KERNEL_SIMD_H
#define MLPBN_KERNEL_SIMD_H

#include "kernel/kernels.h"

#include <string.h>

#if defined(__FMA__)
#include <immintrin.h>
#elif defined(__aarch64__)
#include <arm_neon.h>
#endif

#define MLPBN__NAME(name, isa) R(name##_##isa)
#define MLPBN__NAME_OF_VALUES(name, isa) MLPBN__NAME(name, isa)
#define K(name) MLPBN__NAME_OF_VALUES(name, MLPBN_ISA)

#if defined(__AVX512F__)
enum { VECTOR_BYTES = 64, VECTOR_REGISTERS = 32 };
#elif defined(__aarch64__)
enum { VECTOR_BYTES = 16, VECTOR_REGISTERS = 32 };
#elif defined(__AVX__)
enum { VECTOR_BYTES = 32, VECTOR_REGISTERS = 16 };
#else
enum { VECTOR_BYTES = 16, VECTOR_REGISTERS = 16 };
#endif

enum { LANES = VECTOR_BYTES / sizeof(real) };

/* As wide as the CPU's registers; GCC and clang do arithmetic on it lane by lane. It may
 * alias arrays of real, which it is loaded from and stored to. */
typedef real vector __attribute__((vector_size(VECTOR_BYTES), may_alias));
/* The same at any address of a real. */
typedef real loose_vector
    __attribute__((vector_size(VECTOR_BYTES), may_alias, aligned(sizeof(real))));

/* Sums are carried in double: as many as fit a register. */
enum { WIDE = VECTOR_BYTES / sizeof(double) };
typedef double wide __attribute__((vector_size(VECTOR_BYTES)));
typedef real narrow __attribute__((vector_size(WIDE * sizeof(real))));
typedef int64_t wholes
    __attribute__((vector_size(VECTOR_BYTES))); /* and masks of lanes */

static inline wide choose(wholes mask, wide where_set, wide otherwise)
{
    return (wide)(((wholes)where_set & mask) | ((wholes)otherwise & ~mask));
}

static inline wide load_wide(const real *x)
{
#if defined(__AVX512F__) && MLPBN_REAL == 32 /* GCC 12 would convert one half at a time */
    return (wide)_mm512_cvtps_pd(_mm256_loadu_ps(x));
#else
    narrow v;
    memcpy(&v, x, sizeof v);
    return __builtin_convertvector(v, wide);
#endif
}

static inline narrow store_wide(wide v, real *x)
{
#if defined(__AVX512F__) && MLPBN_REAL == 32
    narrow rounded = (narrow)_mm512_cvtpd_ps((__m512d)v);
#else
    narrow rounded = __builtin_convertvector(v, narrow);
#endif
    memcpy(x, &rounded, sizeof rounded);
    return rounded;
}

/* Of y[units][n]: a kernel that works on whole registers has written there. */
static inline void clear_padding(size_t units, size_t n, size_t stride, real *y)
{
    for (size_t u = 0; u < units; u++)
        memset(y + u * stride + n, 0, (R(padded)(n) - n) * sizeof *y);
}

static inline double add_lanes(wide v)
{
    double sums[WIDE];
    for (size_t i = 0; i < WIDE; i++)
        sums[i] = v[i];
    for (size_t half = WIDE / 2; half > 0; half /= 2)
        for (size_t i = 0; i < half; i++)
            sums[i] += sums[i + half];
    return sums[0];
}

/* a * b + c with one rounding where the CPU can, and then always: left to the compiler, it
 * would depend on the code around, and so would the bits of a product's outputs. */
static inline vector multiply_add(vector a, vector b, vector c)
{
#if defined(__AVX512F__) && MLPBN_REAL == 32
    return (vector)_mm512_fmadd_ps((__m512)a, (__m512)b, (__m512)c);
#elif defined(__AVX512F__)
    return (vector)_mm512_fmadd_pd((__m512d)a, (__m512d)b, (__m512d)c);
#elif defined(__FMA__) && MLPBN_REAL == 32
    return (vector)_mm256_fmadd_ps((__m256)a, (__m256)b, (__m256)c);
#elif defined(__FMA__)
    return (vector)_mm256_fmadd_pd((__m256d)a, (__m256d)b, (__m256d)c);
#elif defined(__aarch64__) && MLPBN_REAL == 32
    return (vector)vfmaq_f32((float32x4_t)c, (float32x4_t)a, (float32x4_t)b);
#elif defined(__aarch64__)
    return (vector)vfmaq_f64((float64x2_t)c, (float64x2_t)a, (float64x2_t)b);
#else
    return a * b + c;
#endif
}

/* The same of single numbers. */
static inline real multiply_add_one(real a, real b, real c)
{
#if (defined(__FMA__) || defined(__aarch64__)) && MLPBN_REAL == 32
    return __builtin_fmaf(a, b, c);
#elif defined(__FMA__) || defined(__aarch64__)
    return __builtin_fma(a, b, c);
#else
    return a * b + c;
#endif
}

/* A mask of a vector's first lanes. */
#if MLPBN_REAL == 32
typedef int32_t lane;
#else
typedef int64_t lane;
#endif
typedef lane lanes __attribute__((vector_size(VECTOR_BYTES), may_alias));

/* |v| as a whole number: without its sign bit a floating-point number orders as its bits do,
 * with infinity above all finite ones and NaN above infinity, so that a NaN is never lost. */
static inline lanes magnitude_bits(vector v)
{
    return (lanes)v & (MLPBN_REAL == 32 ? INT32_MAX : (lane)INT64_MAX);
}

static inline lanes larger_bits(lanes a, lanes b)
{
#if defined(__AVX512F__) && MLPBN_REAL == 32
    return (lanes)_mm512_max_epi32((__m512i)a, (__m512i)b);
#elif defined(__AVX512F__)
    return (lanes)_mm512_max_epi64((__m512i)a, (__m512i)b);
#elif defined(__AVX2__) && MLPBN_REAL == 32
    return (lanes)_mm256_max_epi32((__m256i)a, (__m256i)b);
#else
    lanes is_a = a > b;
    return (a & is_a) | (b & ~is_a);
#endif
}

static inline real largest_lane(lanes bits)
{
    lane most = 0;
    real magnitude;
    for (size_t i = 0; i < LANES; i++)
        most = bits[i] > most ? bits[i] : most;
    memcpy(&magnitude, &most, sizeof magnitude);
    return magnitude;
}

static inline lanes lanes_below(size_t count)
{
    lanes number;
    for (size_t i = 0; i < LANES; i++)
        number[i] = (lane)i;
    return number < (lane)count;
}

/* As many bytes as a vector has lanes; the compiler's own conversion takes them one by one. */
static inline vector load_bytes(const uint8_t *bytes)
{
#if defined(__AVX512F__) && MLPBN_REAL == 32
    __m128i b = _mm_loadu_si128((const __m128i *)bytes);
    return (vector)_mm512_cvtepi32_ps(_mm512_cvtepu8_epi32(b));
#elif defined(__AVX512F__)
    __m128i b = _mm_loadl_epi64((const __m128i *)bytes);
    return (vector)_mm512_cvtepi32_pd(_mm256_cvtepu8_epi32(b));
#elif defined(__AVX2__) && MLPBN_REAL == 32
    __m128i b = _mm_loadl_epi64((const __m128i *)bytes);
    return (vector)_mm256_cvtepi32_ps(_mm256_cvtepu8_epi32(b));
#else
    vector v;
    for (size_t i = 0; i < LANES; i++)
        v[i] = bytes[i];
    return v;
#endif
}

/* The horizontal sums of four vectors, written or added to out[4]: a transposition that adds
 * as it goes, in a third of the instructions of four hsum. */
#if defined(__AVX512F__) && MLPBN_REAL == 32
static inline void hsum4(const vector v[4], int add, real *out)
{
    __m512 a = (__m512)v[0], b = (__m512)v[1], c = (__m512)v[2], d = (__m512)v[3];
    __m512d ab = (__m512d)(_mm512_unpacklo_ps(a, b) + _mm512_unpackhi_ps(a, b));
    __m512d cd = (__m512d)(_mm512_unpacklo_ps(c, d) + _mm512_unpackhi_ps(c, d));
    __m512 abcd = (__m512)_mm512_unpacklo_pd(ab, cd) + (__m512)_mm512_unpackhi_pd(ab, cd);
    __m256 half =
        _mm512_castps512_ps256(abcd) + (__m256)_mm512_extractf64x4_pd((__m512d)abcd, 1);
    __m128 sums = _mm256_castps256_ps128(half) + _mm256_extractf128_ps(half, 1);
    _mm_storeu_ps(out, add ? _mm_add_ps(_mm_loadu_ps(out), sums) : sums);
}
#elif defined(__AVX512F__)
static inline void hsum4(const vector v[4], int add, real *out)
{
    __m512d a = (__m512d)v[0], b = (__m512d)v[1], c = (__m512d)v[2], d = (__m512d)v[3];
    __m512d ab = _mm512_unpacklo_pd(a, b) + _mm512_unpackhi_pd(a, b);
    __m512d cd = _mm512_unpacklo_pd(c, d) + _mm512_unpackhi_pd(c, d);
    __m256d half_ab = _mm512_castpd512_pd256(ab) + _mm512_extractf64x4_pd(ab, 1);
    __m256d half_cd = _mm512_castpd512_pd256(cd) + _mm512_extractf64x4_pd(cd, 1);
    __m128d sums_ab = _mm256_castpd256_pd128(half_ab) + _mm256_extractf128_pd(half_ab, 1);
    __m128d sums_cd = _mm256_castpd256_pd128(half_cd) + _mm256_extractf128_pd(half_cd, 1);
    __m256d sums = _mm256_set_m128d(sums_cd, sums_ab);
    _mm256_storeu_pd(out, add ? _mm256_add_pd(_mm256_loadu_pd(out), sums) : sums);
}
#elif defined(__AVX__) && MLPBN_REAL == 32
static inline void hsum4(const vector v[4], int add, real *out)
{
    __m256 a = (__m256)v[0], b = (__m256)v[1], c = (__m256)v[2], d = (__m256)v[3];
    __m256d ab = (__m256d)(_mm256_unpacklo_ps(a, b) + _mm256_unpackhi_ps(a, b));
    __m256d cd = (__m256d)(_mm256_unpacklo_ps(c, d) + _mm256_unpackhi_ps(c, d));
    __m256 abcd = (__m256)_mm256_unpacklo_pd(ab, cd) + (__m256)_mm256_unpackhi_pd(ab, cd);
    __m128 sums = _mm256_castps256_ps128(abcd) + _mm256_extractf128_ps(abcd, 1);
    _mm_storeu_ps(out, add ? _mm_add_ps(_mm_loadu_ps(out), sums) : sums);
}
#elif defined(__AVX__)
static inline void hsum4(const vector v[4], int add, real *out)
{
    __m256d a = (__m256d)v[0], b = (__m256d)v[1], c = (__m256d)v[2], d = (__m256d)v[3];
    __m256d ab = _mm256_unpacklo_pd(a, b) + _mm256_unpackhi_pd(a, b);
    __m256d cd = _mm256_unpacklo_pd(c, d) + _mm256_unpackhi_pd(c, d);
    __m128d sums_ab = _mm256_castpd256_pd128(ab) + _mm256_extractf128_pd(ab, 1);
    __m128d sums_cd = _mm256_castpd256_pd128(cd) + _mm256_extractf128_pd(cd, 1);
    __m256d sums = _mm256_set_m128d(sums_cd, sums_ab);
    _mm256_storeu_pd(out, add ? _mm256_add_pd(_mm256_loadu_pd(out), sums) : sums);
}
#else
static inline void hsum4(const vector v[4], int add, real *out)
{
    for (size_t i = 0; i < 4; i++) {
        real low = 0, high = 0;
        for (size_t l = 0; l < LANES / 2; l++) {
            low += v[i][l];
            high += v[i][LANES / 2 + l];
        }
        out[i] = add ? out[i] + (low + high) : low + high;
    }
}
#endif

/* The kernels of this instruction set, described in kernel/kernels.h. */
R(gemm) K(gemm_dot), K(gemm_outer);
R(gather) K(gather);
R(max_abs) K(magnitude);
R(sum) K(sum), K(sum_squares);
R(dot) K(sum_products);
R(sum_squared_deviations) K(sum_centred_squares);
R(axpy) K(add_scaled);
void K(batchnorm_forward)(size_t n, real *z, real gamma, real beta, double eps, real *y,
                          mlpbn__moments *moments);
void K(batchnorm_backward)(size_t n, const real *xhat, real gamma,
                           const mlpbn__moments *moments, real *d, real gradients[2]);
void K(frozen_backward)(size_t n, const real *xhat, real gamma,
                        const mlpbn__moments *moments, real *d, real gradients[2]);
void K(running_affine)(size_t units, const real *mean, const real *variance,
                       const real *bias, const real *gamma, double eps, real *centre,
                       real *scale);
void K(affine)(size_t units, size_t n, size_t ld, const real *z, const real *mean,
               const real *scale, const real *shift, real *y);

void K(softmax_forward)(size_t units, size_t n, size_t stride, real *y);
void K(softmax_backward)(size_t units, size_t n, size_t stride, const real *y, real *d);
R(dropout) K(dropout);
extern const R(activation) K(activations)[];
extern const R(loss) K(losses)[];
extern R(update) *const K(updates)[];
extern const R(kernels) K(kernels);

#endif
