/* Vectors of one instruction set, and the names of its kernels: K(gather) is
 * mlpbn__gather_avx512_f32 if MLPBN_ISA is avx512 and MLPBN_REAL is 32. */
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

/* A register of reals. GCC and clang do arithmetic on it lane by lane. It may alias arrays of
 * real, which it is loaded from and stored to. */
typedef real vec __attribute__((vector_size(VECTOR_BYTES), may_alias));
/* A vec at an address that is aligned to real only. */
typedef real vec_unaligned
    __attribute__((vector_size(VECTOR_BYTES), may_alias, aligned(sizeof(real))));

/* A register of doubles, in which sums are accumulated. */
enum { F64_LANES = VECTOR_BYTES / sizeof(double) };
typedef double vec_f64 __attribute__((vector_size(VECTOR_BYTES)));
/* F64_LANES reals: half a vec of floats, or a whole vec of doubles. */
typedef real vec_half __attribute__((vector_size(F64_LANES * sizeof(real))));
/* A mask of the lanes of a vec_f64: all bits of a lane are set, or none is. */
typedef int64_t vec_mask __attribute__((vector_size(VECTOR_BYTES)));

/* All lanes hold x. (x - 0 keeps the sign of a zero; x + 0 does not.) */
static inline vec vec_broadcast(real x)
{
    return x - (vec){0};
}

static inline vec_f64 vec_f64_broadcast(double x)
{
    return x - (vec_f64){0};
}

/* Selects each lane from if_set or if_clear. */
static inline vec_f64 vec_select(vec_mask mask, vec_f64 if_set, vec_f64 if_clear)
{
    return (vec_f64)(((vec_mask)if_set & mask) | ((vec_mask)if_clear & ~mask));
}

/* Loads the F64_LANES reals at x, which need not be aligned, and widens them to double. */
static inline vec_f64 load_f64(const real *x)
{
#if defined(__AVX512F__) && MLPBN_REAL == 32 /* GCC 12 would convert one half at a time */
    return (vec_f64)_mm512_cvtps_pd(_mm256_loadu_ps(x));
#else
    vec_half v;
    memcpy(&v, x, sizeof v);
    return __builtin_convertvector(v, vec_f64);
#endif
}

/* Rounds v to F64_LANES reals, stores them at x, which need not be aligned, and returns them. */
static inline vec_half store_f64(vec_f64 v, real *x)
{
#if defined(__AVX512F__) && MLPBN_REAL == 32
    vec_half rounded = (vec_half)_mm512_cvtpd_ps((__m512d)v);
#else
    vec_half rounded = __builtin_convertvector(v, vec_half);
#endif
    memcpy(x, &rounded, sizeof rounded);
    return rounded;
}

/* Zeroes the padding of y[units][n], to which kernels write whole vectors. */
static inline void clear_padding(size_t units, size_t n, size_t stride, real *y)
{
    for (size_t u = 0; u < units; u++)
        memset(y + u * stride + n, 0, (R(padded)(n) - n) * sizeof *y);
}

/* The horizontal sum of the lanes, added pairwise. */
static inline double hsum(vec_f64 v)
{
    double sums[F64_LANES];
    for (size_t i = 0; i < F64_LANES; i++)
        sums[i] = v[i];
    for (size_t half = F64_LANES / 2; half > 0; half /= 2)
        for (size_t i = 0; i < half; i++)
            sums[i] += sums[i + half];
    return sums[0];
}

/* a * b + c, with one rounding on a CPU that has FMA. It is explicit, because compilers fuse
 * the two operations or not depending on the surrounding code. */
static inline vec vec_fma(vec a, vec b, vec c)
{
#if defined(__AVX512F__) && MLPBN_REAL == 32
    return (vec)_mm512_fmadd_ps((__m512)a, (__m512)b, (__m512)c);
#elif defined(__AVX512F__)
    return (vec)_mm512_fmadd_pd((__m512d)a, (__m512d)b, (__m512d)c);
#elif defined(__FMA__) && MLPBN_REAL == 32
    return (vec)_mm256_fmadd_ps((__m256)a, (__m256)b, (__m256)c);
#elif defined(__FMA__)
    return (vec)_mm256_fmadd_pd((__m256d)a, (__m256d)b, (__m256d)c);
#elif defined(__aarch64__) && MLPBN_REAL == 32
    return (vec)vfmaq_f32((float32x4_t)c, (float32x4_t)a, (float32x4_t)b);
#elif defined(__aarch64__)
    return (vec)vfmaq_f64((float64x2_t)c, (float64x2_t)a, (float64x2_t)b);
#else
    return a * b + c;
#endif
}

/* The scalar form of vec_fma. */
static inline real real_fma(real a, real b, real c)
{
#if (defined(__FMA__) || defined(__aarch64__)) && MLPBN_REAL == 32
    return __builtin_fmaf(a, b, c);
#elif defined(__FMA__) || defined(__aarch64__)
    return __builtin_fma(a, b, c);
#else
    return a * b + c;
#endif
}

/* The lanes of a vec as integers of the same size; also a mask of lanes. */
#if MLPBN_REAL == 32
typedef int32_t lane_bits;
#else
typedef int64_t lane_bits;
#endif
typedef lane_bits vec_bits __attribute__((vector_size(VECTOR_BYTES), may_alias));

/* The bits of |v|. Without the sign bit, floating-point numbers are ordered as their bits are,
 * infinity above all finite ones and NaN above infinity: a maximum never loses a NaN. */
static inline vec_bits abs_bits(vec v)
{
    return (vec_bits)v & (MLPBN_REAL == 32 ? INT32_MAX : (lane_bits)INT64_MAX);
}

/* The larger one of a and b in each lane. */
static inline vec_bits max_bits(vec_bits a, vec_bits b)
{
#if defined(__AVX512F__) && MLPBN_REAL == 32
    return (vec_bits)_mm512_max_epi32((__m512i)a, (__m512i)b);
#elif defined(__AVX512F__)
    return (vec_bits)_mm512_max_epi64((__m512i)a, (__m512i)b);
#elif defined(__AVX2__) && MLPBN_REAL == 32
    return (vec_bits)_mm256_max_epi32((__m256i)a, (__m256i)b);
#else
    vec_bits is_a = a > b;
    return (a & is_a) | (b & ~is_a);
#endif
}

/* The horizontal maximum of a vector of abs_bits, converted to real. */
static inline real hmax(vec_bits bits)
{
    lane_bits max = 0;
    real max_abs;
    for (size_t i = 0; i < LANES; i++)
        max = bits[i] > max ? bits[i] : max;
    memcpy(&max_abs, &max, sizeof max_abs);
    return max_abs;
}

/* A mask of the first `count` lanes. */
static inline vec_bits tail_mask(size_t count)
{
    vec_bits lane;
    for (size_t i = 0; i < LANES; i++)
        lane[i] = (lane_bits)i;
    return lane < (lane_bits)count;
}

/* Converts LANES bytes to reals. (Compilers would convert them one by one.) */
static inline vec load_bytes(const uint8_t *bytes)
{
#if defined(__AVX512F__) && MLPBN_REAL == 32
    __m128i b = _mm_loadu_si128((const __m128i *)bytes);
    return (vec)_mm512_cvtepi32_ps(_mm512_cvtepu8_epi32(b));
#elif defined(__AVX512F__)
    __m128i b = _mm_loadl_epi64((const __m128i *)bytes);
    return (vec)_mm512_cvtepi32_pd(_mm256_cvtepu8_epi32(b));
#elif defined(__AVX2__) && MLPBN_REAL == 32
    __m128i b = _mm_loadl_epi64((const __m128i *)bytes);
    return (vec)_mm256_cvtepi32_ps(_mm256_cvtepu8_epi32(b));
#else
    vec v;
    for (size_t i = 0; i < LANES; i++)
        v[i] = bytes[i];
    return v;
#endif
}

/* The horizontal sums of four vectors, written to out[4], or added to it if accumulate is 1. A
 * transposition interleaved with additions needs a third of the instructions of four sums. */
#if defined(__AVX512F__) && MLPBN_REAL == 32
static inline void hsum4(const vec v[4], int accumulate, real *out)
{
    __m512 a = (__m512)v[0], b = (__m512)v[1], c = (__m512)v[2], d = (__m512)v[3];
    __m512d ab = (__m512d)(_mm512_unpacklo_ps(a, b) + _mm512_unpackhi_ps(a, b));
    __m512d cd = (__m512d)(_mm512_unpacklo_ps(c, d) + _mm512_unpackhi_ps(c, d));
    __m512 abcd = (__m512)_mm512_unpacklo_pd(ab, cd) + (__m512)_mm512_unpackhi_pd(ab, cd);
    __m256 half =
        _mm512_castps512_ps256(abcd) + (__m256)_mm512_extractf64x4_pd((__m512d)abcd, 1);
    __m128 sums = _mm256_castps256_ps128(half) + _mm256_extractf128_ps(half, 1);
    _mm_storeu_ps(out, accumulate ? _mm_add_ps(_mm_loadu_ps(out), sums) : sums);
}
#elif defined(__AVX512F__)
static inline void hsum4(const vec v[4], int accumulate, real *out)
{
    __m512d a = (__m512d)v[0], b = (__m512d)v[1], c = (__m512d)v[2], d = (__m512d)v[3];
    __m512d ab = _mm512_unpacklo_pd(a, b) + _mm512_unpackhi_pd(a, b);
    __m512d cd = _mm512_unpacklo_pd(c, d) + _mm512_unpackhi_pd(c, d);
    __m256d half_ab = _mm512_castpd512_pd256(ab) + _mm512_extractf64x4_pd(ab, 1);
    __m256d half_cd = _mm512_castpd512_pd256(cd) + _mm512_extractf64x4_pd(cd, 1);
    __m128d sums_ab = _mm256_castpd256_pd128(half_ab) + _mm256_extractf128_pd(half_ab, 1);
    __m128d sums_cd = _mm256_castpd256_pd128(half_cd) + _mm256_extractf128_pd(half_cd, 1);
    __m256d sums = _mm256_set_m128d(sums_cd, sums_ab);
    _mm256_storeu_pd(out, accumulate ? _mm256_add_pd(_mm256_loadu_pd(out), sums) : sums);
}
#elif defined(__AVX__) && MLPBN_REAL == 32
static inline void hsum4(const vec v[4], int accumulate, real *out)
{
    __m256 a = (__m256)v[0], b = (__m256)v[1], c = (__m256)v[2], d = (__m256)v[3];
    __m256d ab = (__m256d)(_mm256_unpacklo_ps(a, b) + _mm256_unpackhi_ps(a, b));
    __m256d cd = (__m256d)(_mm256_unpacklo_ps(c, d) + _mm256_unpackhi_ps(c, d));
    __m256 abcd = (__m256)_mm256_unpacklo_pd(ab, cd) + (__m256)_mm256_unpackhi_pd(ab, cd);
    __m128 sums = _mm256_castps256_ps128(abcd) + _mm256_extractf128_ps(abcd, 1);
    _mm_storeu_ps(out, accumulate ? _mm_add_ps(_mm_loadu_ps(out), sums) : sums);
}
#elif defined(__AVX__)
static inline void hsum4(const vec v[4], int accumulate, real *out)
{
    __m256d a = (__m256d)v[0], b = (__m256d)v[1], c = (__m256d)v[2], d = (__m256d)v[3];
    __m256d ab = _mm256_unpacklo_pd(a, b) + _mm256_unpackhi_pd(a, b);
    __m256d cd = _mm256_unpacklo_pd(c, d) + _mm256_unpackhi_pd(c, d);
    __m128d sums_ab = _mm256_castpd256_pd128(ab) + _mm256_extractf128_pd(ab, 1);
    __m128d sums_cd = _mm256_castpd256_pd128(cd) + _mm256_extractf128_pd(cd, 1);
    __m256d sums = _mm256_set_m128d(sums_cd, sums_ab);
    _mm256_storeu_pd(out, accumulate ? _mm256_add_pd(_mm256_loadu_pd(out), sums) : sums);
}
#else
static inline void hsum4(const vec v[4], int accumulate, real *out)
{
    for (size_t i = 0; i < 4; i++) {
        real low = 0, high = 0;
        for (size_t l = 0; l < LANES / 2; l++) {
            low += v[i][l];
            high += v[i][LANES / 2 + l];
        }
        out[i] = accumulate ? out[i] + (low + high) : low + high;
    }
}
#endif

/* The kernels of this instruction set, described in kernel/kernels.h. */
R(gemm) K(gemm_dot), K(gemm_outer);
R(gather) K(gather);
R(max_abs) K(max_abs);
R(sum) K(sum), K(sum_squares);
R(mean) K(mean);
R(dot) K(dot);
R(sum_squared_deviations) K(sum_squared_deviations);
R(axpy) K(axpy);
R(batchnorm_fn) K(batchnorm_forward), K(batchnorm_backward), K(frozen_backward);
R(running_fn) K(running_affine);
R(affine_fn) K(affine);
R(softmax_fn) K(softmax_forward), K(softmax_backward);
R(dropout) K(dropout);
extern const R(activation) K(activations)[];
extern R(loss_fn) *const K(losses)[];
extern R(update_fn) *const K(updates)[];
extern const R(kernels) K(kernels);

#endif
