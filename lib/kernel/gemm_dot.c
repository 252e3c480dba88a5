/* C = A B, or C += A B, where both operands are contiguous along k (cs_a = rs_b = 1): every
 * output is a dot product.
 *
 *     pc: k by KC          A: MR x KC stays in the L1 cache
 *       jc: n by NC        B: KC x NC stays in the L2 cache
 *         ir: m by MR
 *           jr: n by NR
 *             p: KC by LANES, in registers
 *
 *                       b0 b1 b2 b3      k ->
 *                   a0   .  .  .  .      each output has a vector of partial sums over k,
 *                   a1   .  .  .  .      which is reduced across its lanes at the end of
 *                   a2   .  .  .  .      a block of KC
 *
 * The order of summation is the same for every output, whichever tile contains it. */
#include "kernel/simd.h"

enum {
    MR = VECTOR_REGISTERS == 32 ? 5 : 3,
    NR = 4, /* the number of sums that hsum4 reduces at once */
    MAX_MR = MR > NR ? MR : NR,
    NC = 60,
    PREFETCH_K = 256 /* steps of p between two ticks of the prefetch queue */
};

/* Reduces a tile that is one column wide, NR rows at once. */
__attribute__((always_inline)) static inline void
store_column(size_t mr, vec ab[][NR], int accumulate, real *c, size_t ldc)
{
#pragma GCC unroll 2
    for (size_t i = 0; i < mr; i += NR) {
        vec column[NR] = {{0}};
        real dots[NR];
        size_t rows = mr - i < NR ? mr - i : NR;
#pragma GCC unroll 4
        for (size_t r = 0; r < rows; r++)
            column[r] = ab[i + r][0];
        if (rows == NR && ldc == 1) {
            hsum4(column, accumulate, c + i);
            continue;
        }
        hsum4(column, 0, dots);
        for (size_t r = 0; r < rows; r++) {
            real *cr = c + (i + r) * ldc;
            *cr = accumulate ? *cr + dots[r] : dots[r];
        }
    }
}

/* One tile of C, [mr][nr], from the p of a block. C0 is C or NULL. */
__attribute__((always_inline)) static inline void micro_kernel(size_t mr, size_t nr,
                                                               R(gemm_args) t)
{
    const int accumulate = t.c0 != NULL;
    vec ab[MAX_MR][NR] = {{{0}}};
    for (size_t p = 0, end; p < t.k; p = end) {
        end = t.k - p < PREFETCH_K ? t.k : p + PREFETCH_K;
        if (t.prefetch)
            mlpbn__prefetch_tick(t.prefetch);
        for (size_t q = p; q < end; q += LANES)
            for (size_t j = 0; j < nr; j++) {
                vec bj = *(const vec_unaligned *)(t.b + j * t.cs_b + q);
                for (size_t i = 0; i < mr; i++)
                    ab[i][j] =
                        vec_fma(*(const vec *)(t.a + i * t.rs_a + q), bj, ab[i][j]);
            }
    }
    if (nr == NR)
#pragma GCC unroll 8 /* keeps the sums in registers */
        for (size_t i = 0; i < mr; i++)
            hsum4(ab[i], accumulate, t.c + i * t.ldc);
    else
        store_column(mr, ab, accumulate, t.c, t.ldc);
}

/* Multiplies mr rows of A by all columns of a block of B. */
__attribute__((always_inline)) static inline void jr_loop(size_t mr, R(gemm_args) g)
{
    size_t jr = 0;
    for (; jr + NR <= g.n; jr += NR)
        micro_kernel(mr, NR, R(gemm_block)(&g, 0, mr, jr, NR));
    for (; jr < g.n; jr++)
        micro_kernel(mr, 1, R(gemm_block)(&g, 0, mr, jr, 1));
}

/* Multiplies all rows of A by a KC x NC block of B. The number of rows of each tile is a
 * constant expression, so that its sums are kept in registers. */
__attribute__((always_inline)) static inline void macro_kernel(R(gemm_args) g)
{
    size_t ir = 0;
    for (; g.n == 1 && ir + NR <= g.m; ir += NR)
        micro_kernel(NR, 1, R(gemm_block)(&g, ir, NR, 0, 1));
    for (; ir + MR <= g.m; ir += MR)
        jr_loop(MR, R(gemm_block)(&g, ir, MR, 0, g.n));
    for (; ir + 2 <= g.m; ir += 2)
        jr_loop(2, R(gemm_block)(&g, ir, 2, 0, g.n));
    if (ir < g.m)
        jr_loop(1, R(gemm_block)(&g, ir, 1, 0, g.n));
}

void K(gemm_dot)(const R(gemm_args) *args)
{
    const size_t m = args->m, n = args->n, k = args->k;
    const size_t kc = mlpbn__dot_kc(k, sizeof(real));
    if (args->prefetch)
        mlpbn__prefetch_spread(args->prefetch, m / MR * (n / NR + n % NR) *
                                                   ((k + PREFETCH_K - 1) / PREFETCH_K));
    for (size_t pc = 0; pc < k; pc += kc) {
        R(gemm_args) block = R(gemm_depth)(args, pc, k - pc < kc ? k - pc : kc);
        if (pc > 0)
            block.c0 = block.c;
        for (size_t jc = 0; jc < n; jc += NC)
            macro_kernel(R(gemm_block)(&block, 0, m, jc, n - jc < NC ? n - jc : NC));
    }
}
