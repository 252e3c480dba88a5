/* C = beta C0 + A B, where B is contiguous along n (cs_b = 1): a sum of outer products of a
 * column of A and a row of B. A may be row- or column-major.
 *
 *     pc: k by KC              all blocks but the first add to C
 *       ic: m by MC            only if A is packed: MC x KC of it
 *         jr: n by NR          B: KC x NR stays in the cache
 *           ir: m by MR
 *             p: KC, one after the other
 *
 *                       b(p, 0..) b(p, 16..) b(p, 32..) b(p, 48..)
 *           A(0, p)  x     .          .          .          .
 *           A(1, p)  x     .          .          .          .      MR x NR of C stay in
 *                                                                  registers while p runs
 *
 * The order of summation is the same for every output, whichever tile contains it. */
#include "kernel/simd.h"

enum {
    MR = 5,
    VECTORS = VECTOR_REGISTERS == 32 ? 4 : 2, /* in a row of a tile */
    NR = VECTORS * LANES,
    KC = 256,
    MC = (MLPBN_REAL == 32 ? 2 : 1) * MR, /* MC x KC are 10 KB */
    MIN_PACKED = 128, /* packing A saves time if k and n are at least this */
    LINE_REALS = MLPBN__LINE / sizeof(real),
    ROW_LINES = (NR + LINE_REALS - 1) / LINE_REALS, /* cache lines in a row of a tile */
    PREFETCH_K = 4, /* steps of p for each prefetched cache line of the next tile */
    COLUMN_MR = 8,  /* rows of a tile of gemv */
};

/* One tile of C, [mr][vectors * LANES], from the p of a block. next_tile: the offset of the
 * next tile of C, which is prefetched line by line: in a large C each of its rows is in
 * another page. *max_abs is updated by the bits of |C|; it may be NULL. */
__attribute__((always_inline)) static inline void micro_kernel(size_t mr, size_t vectors,
                                                               R(gemm_args) t,
                                                               ptrdiff_t next_tile,
                                                               vec_bits *max_abs)
{
    vec ab[MR][VECTORS];
    for (size_t i = 0; i < mr; i++)
        for (size_t j = 0; j < vectors; j++)
            if (t.c0)
                ab[i][j] = t.beta * *(const vec *)(t.c0 + i * t.ldc + j * LANES);
            else
                ab[i][j] = (vec){0};
    for (size_t q = 0, end; q < t.k; q = end) {
        const size_t line = q / PREFETCH_K, row = line / ROW_LINES;
        end = t.k;
        if (mr == MR && vectors == VECTORS && row < MR) {
            ptrdiff_t offset =
                next_tile + (ptrdiff_t)(row * t.ldc + line % ROW_LINES * LINE_REALS);
            __builtin_prefetch(t.c + offset);
            if (t.c0)
                __builtin_prefetch(t.c0 + offset);
            end = t.k - q < PREFETCH_K ? t.k : q + PREFETCH_K;
        }
        for (size_t p = q; p < end; p++) {
            vec bp[VECTORS];
            for (size_t j = 0; j < vectors; j++)
                bp[j] = *(const vec *)(t.b + p * t.rs_b + j * LANES);
            for (size_t i = 0; i < mr; i++) {
                vec aip = vec_broadcast(t.a[i * t.rs_a + p * t.cs_a]);
                for (size_t j = 0; j < vectors; j++)
                    ab[i][j] = vec_fma(aip, bp[j], ab[i][j]);
            }
        }
    }
    for (size_t i = 0; i < mr; i++)
        for (size_t j = 0; j < vectors; j++)
            *(vec *)(t.c + i * t.ldc + j * LANES) = ab[i][j];
    if (!max_abs)
        return;
    vec_bits largest = *max_abs;
    for (size_t i = 0; i < mr; i++)
        for (size_t j = 0; j < vectors; j++)
            largest = max_bits(largest, abs_bits(ab[i][j]));
    *max_abs = largest;
}

/* Multiplies all rows of A by a panel of B. next_panel: the offset in C of the next panel; 0
 * in the last one. */
__attribute__((always_inline)) static inline void
ir_loop(size_t vectors, R(gemm_args) g, size_t next_panel, vec_bits *max_abs)
{
    const size_t nr = vectors * LANES;
    size_t ir = 0;
    for (; ir + MR <= g.m; ir += MR) {
        int is_last = ir + 2 * MR > g.m;
        ptrdiff_t next_tile = is_last ? (ptrdiff_t)next_panel - (ptrdiff_t)(ir * g.ldc)
                                      : (ptrdiff_t)(MR * g.ldc);
        micro_kernel(MR, vectors, R(gemm_block)(&g, ir, MR, 0, nr), next_tile, max_abs);
    }
    for (; ir + 2 <= g.m; ir += 2)
        micro_kernel(2, vectors, R(gemm_block)(&g, ir, 2, 0, nr), 0, max_abs);
    if (ir < g.m)
        micro_kernel(1, vectors, R(gemm_block)(&g, ir, 1, 0, nr), 0, max_abs);
}

/* A panel of NR columns. It is not inlined into macro_kernel, because GCC 12 would then keep a
 * vector of B in memory. */
__attribute__((noinline)) static void whole_panel(const R(gemm_args) *g,
                                                  size_t next_panel, vec_bits *max_abs)
{
    ir_loop(VECTORS, *g, next_panel, max_abs);
}

/* All panels of B: NR columns at a time, then LANES. */
static void macro_kernel(const R(gemm_args) *g, vec_bits *max_abs)
{
    size_t jr = 0;
    for (; jr + NR <= g->n; jr += NR) {
        R(gemm_args) panel = R(gemm_block)(g, 0, g->m, jr, NR);
        whole_panel(&panel, jr + 2 * NR <= g->n ? NR : 0, max_abs);
    }
    for (; jr < g->n; jr += LANES)
        ir_loop(1, R(gemm_block)(g, 0, g->m, jr, LANES), 0, max_abs);
}

/* Does the same as macro_kernel, but packs MC rows of A at a time to [MC][KC], contiguous
 * along k. If the column stride of A is not 1, each element that a tile reads is otherwise in
 * a cache line of its own. */
static void macro_kernel_packed(const R(gemm_args) *g, vec_bits *max_abs)
{
    real packed[MC][KC];
    for (size_t ic = 0; ic < g->m; ic += MC) {
        size_t mc = g->m - ic < MC ? g->m - ic : MC;
        R(gemm_args) block = R(gemm_block)(g, ic, mc, 0, g->n);
        for (size_t p = 0; p < g->k; p++)
            for (size_t i = 0; i < mc; i++)
                packed[i][p] = block.a[i * g->rs_a + p * g->cs_a];
        block.a = packed[0];
        block.rs_a = KC;
        block.cs_a = 1;
        macro_kernel(&block, max_abs);
    }
}

/* c[mr] = A b, where A and b are contiguous along k. The sums are scalars, so that each output
 * has the same bits as in a product with more columns. */
__attribute__((always_inline)) static inline void column_kernel(size_t mr, R(gemm_args) t)
{
    real sums[COLUMN_MR] = {0};
    for (size_t p = 0; p < t.k; p++)
        for (size_t i = 0; i < mr; i++)
            sums[i] = real_fma(t.a[i * t.rs_a + p], t.b[p], sums[i]);
    memcpy(t.c, sums, mr * sizeof *sums);
}

/* The product if n is 1. */
static void gemv(const R(gemm_args) *g)
{
    size_t ir = 0;
    for (; ir + COLUMN_MR <= g->m; ir += COLUMN_MR)
        column_kernel(COLUMN_MR, R(gemm_block)(g, ir, COLUMN_MR, 0, 1));
    for (; ir + 2 <= g->m; ir += 2)
        column_kernel(2, R(gemm_block)(g, ir, 2, 0, 1));
    if (ir < g->m)
        column_kernel(1, R(gemm_block)(g, ir, 1, 0, 1));
}

void K(gemm_outer)(const R(gemm_args) *args)
{
    vec_bits max_abs = {0};
    if (args->n == 1) {
        gemv(args);
        return;
    }
    for (size_t pc = 0; pc < args->k; pc += KC) {
        int is_last = args->k - pc <= KC;
        R(gemm_args) block = R(gemm_depth)(args, pc, is_last ? args->k - pc : KC);
        if (pc > 0) {
            block.c0 = block.c;
            block.beta = 1;
        }
        int packs = block.cs_a > 1 && block.k >= MIN_PACKED && block.n >= MIN_PACKED;
        (packs ? macro_kernel_packed
               : macro_kernel)(&block, args->max_abs && is_last ? &max_abs : NULL);
    }
    if (args->max_abs)
        *args->max_abs = hmax(max_abs);
}
