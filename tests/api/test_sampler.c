/* Samplers: every row once an epoch, in orders that a seed decides. */
#include "api_helpers.h"

enum { COLUMNS = 3, MAX_ROWS = 240, EPOCHS = 4 };

/* Rows that can be told apart by what they hold: x[r][0] is r, the label r % 7 and the
 * target r + 0.25. */
static mlpbn_rows numbered_rows(size_t n)
{
    float *x = api_alloc(MAX_ROWS * COLUMNS, sizeof *x);
    int32_t *labels = api_alloc(MAX_ROWS, sizeof *labels);
    double *targets = api_alloc(MAX_ROWS, sizeof *targets);
    mlpbn_rows rows = MLPBN_ROWS_INIT(x, MLPBN_F32, n, COLUMNS);
    for (size_t r = 0; r < MAX_ROWS; r++) {
        x[r * COLUMNS] = (float)r;
        labels[r] = (int32_t)(r % 7);
        targets[r] = (double)r + 0.25;
    }
    rows.labels = labels;
    data_set_targets(&rows, targets, MLPBN_F64, 1);
    return rows;
}

static mlpbn_sampler *make_sampler(const mlpbn_rows *rows, size_t batch, int shuffle,
                                   uint64_t seed, mlpbn_last_batch last_batch)
{
    const mlpbn_sampler_options options = {sizeof options, batch, shuffle, seed,
                                           last_batch};
    return api_create_sampler(rows, &options);
}

/* --- What batches are --------------------------------------------------------------- */

/* Row i of a batch, by its content; label and target are those of the same row. */
static size_t row_of(const mlpbn_rows *batch, size_t i)
{
    const size_t r = batch->index ? batch->index[i] : i;
    const size_t stride = batch->stride ? batch->stride : batch->columns;
    const size_t number = (size_t)((const float *)batch->data)[r * stride];
    ck_assert_int_eq(batch->labels[r], (int32_t)(number % 7));
    ck_assert(((const double *)batch->targets)[r] == (double)number + 0.25);
    return number;
}

/* One epoch: its rows in their order, and the sizes of the batches. */
struct epoch {
    size_t order[MAX_ROWS], sizes[MAX_ROWS];
    size_t n, batches;
};

static struct epoch *read_epoch(mlpbn_sampler *sampler)
{
    struct epoch *epoch = api_alloc(1, sizeof *epoch);
    mlpbn_rows batch = MLPBN_ROWS_INIT(NULL, MLPBN_NO_DTYPE, 0, 0);
    for (;;) {
        OK(mlpbn_sampler_next(&batch, sampler));
        if (batch.n == 0)
            break;
        ck_assert_uint_le(epoch->n + batch.n, MAX_ROWS);
        for (size_t i = 0; i < batch.n; i++)
            epoch->order[epoch->n++] = row_of(&batch, i);
        epoch->sizes[epoch->batches++] = batch.n;
    }
    ck_assert_uint_eq(epoch->batches, mlpbn_sampler_batches(sampler));
    return epoch;
}

static void assert_each_once(const struct epoch *epoch, size_t n_rows)
{
    unsigned char is_used[MAX_ROWS] = {0};
    for (size_t i = 0; i < epoch->n; i++) {
        const size_t row = epoch->order[i];
        ck_assert_msg(row < n_rows && !is_used[row], "row %zu twice", row);
        is_used[row] = 1;
    }
}

static const struct {
    size_t n, batch;
    mlpbn_last_batch last_batch;
    size_t batches, last; /* expected */
} policies[] = {
    {240, 16, MLPBN_LAST_BATCH_KEEP, 15, 16},
    {239, 16, MLPBN_LAST_BATCH_KEEP, 15, 15},
    {225, 16, MLPBN_LAST_BATCH_KEEP, 15, 1},
    {239, 16, MLPBN_LAST_BATCH_DROP, 14, 16},
    {240, 16, MLPBN_LAST_BATCH_DROP, 15, 16},
    {240, 16, MLPBN_LAST_BATCH_ERROR, 15, 16},
    {1, 1, MLPBN_LAST_BATCH_ERROR, 1, 1},
    {7, 100, MLPBN_LAST_BATCH_KEEP, 1, 7},
    {7, SIZE_MAX, MLPBN_LAST_BATCH_KEEP, 1, 7},
    {13, 1, MLPBN_LAST_BATCH_DROP, 13, 1},
    {240, 16, MLPBN_LAST_BATCH_DROP_SINGLE, 15, 16},
    {239, 16, MLPBN_LAST_BATCH_DROP_SINGLE, 15, 15},
    {226, 16, MLPBN_LAST_BATCH_DROP_SINGLE, 15, 2},
    {225, 16, MLPBN_LAST_BATCH_DROP_SINGLE, 14, 16},
    {13, 1, MLPBN_LAST_BATCH_DROP_SINGLE, 13, 1},
    {13, 2, MLPBN_LAST_BATCH_DROP_SINGLE, 6, 2},
    {1, 100, MLPBN_LAST_BATCH_DROP_SINGLE, 1, 1},
    {1, 1, MLPBN_LAST_BATCH_DROP_SINGLE, 1, 1},
    {101, SIZE_MAX, MLPBN_LAST_BATCH_DROP_SINGLE, 1, 101},
};

/* Policy _i / 2, shuffled or not. */
LOOP_TEST(an_epoch_has_every_row_once, 2 * LENGTH(policies))
{
    const int p = _i / 2;
    const size_t batches = policies[p].batches, last = policies[p].last;
    const mlpbn_rows rows = numbered_rows(policies[p].n);
    mlpbn_sampler *sampler =
        make_sampler(&rows, policies[p].batch, _i % 2, 2385, policies[p].last_batch);
    for (uint64_t i = 0; i < EPOCHS; i++) {
        ck_assert_uint_eq(mlpbn_sampler_epochs(sampler), i);
        const struct epoch *epoch = read_epoch(sampler);
        ck_assert_uint_eq(mlpbn_sampler_epochs(sampler), i + 1);
        ck_assert_uint_eq(mlpbn_sampler_batches(sampler), batches);
        ck_assert_uint_eq(epoch->n,
                          last + (batches > 1 ? (batches - 1) * policies[p].batch : 0));
        for (size_t b = 0; b < batches; b++)
            ck_assert_uint_eq(epoch->sizes[b],
                              b + 1 < batches ? policies[p].batch : last);
        assert_each_once(epoch, policies[p].n);
    }
}

/* A batch is a view into the caller's arrays, and keeps their layout. */
TEST(batches_are_views_of_the_same_arrays)
{
    const mlpbn_rows rows = numbered_rows(23);
    mlpbn_sampler *sampler = api_create_sampler(&rows, NULL); /* batches of 100 */
    mlpbn_rows batch = MLPBN_ROWS_INIT(NULL, MLPBN_NO_DTYPE, 0, 0);
    OK(mlpbn_sampler_next(&batch, sampler));
    ck_assert_uint_eq(batch.struct_size, sizeof batch);
    ck_assert_uint_eq(batch.n, 23);
    ck_assert_ptr_eq(batch.data, rows.data);
    ck_assert_ptr_eq(batch.labels, rows.labels);
    ck_assert_ptr_eq(batch.targets, rows.targets);
    ck_assert_int_eq(batch.dtype, MLPBN_F32);
    ck_assert_int_eq(batch.target_dtype, MLPBN_F64);
    ck_assert_uint_eq(batch.columns, COLUMNS);
    ck_assert_uint_eq(batch.target_columns, 1);
    ck_assert_uint_eq(batch.n_data, 23);
    ck_assert_ptr_nonnull(batch.index);
}

/* --- Orders ------------------------------------------------------------------------- */

static int same_order(const struct epoch *a, const struct epoch *b)
{
    return memcmp(a->order, b->order, sizeof a->order) == 0;
}

/* Every epoch has an order of its own, of seed, epoch and number of rows only, not of the
 * batch; but without shuffling that of the rows. */
TEST(epochs_are_shuffled_when_asked)
{
    const mlpbn_last_batch keep = MLPBN_LAST_BATCH_KEEP;
    const mlpbn_rows rows = numbered_rows(100), few = numbered_rows(19);
    mlpbn_sampler *shuffled = make_sampler(&rows, 17, 1, 2385, keep);
    mlpbn_sampler *same = make_sampler(&rows, 17, 1, 2385, keep);
    mlpbn_sampler *same_in_other_batches = make_sampler(&rows, 33, 1, 2385, keep);
    mlpbn_sampler *other = make_sampler(&rows, 17, 1, 2386, keep);
    mlpbn_sampler *plain = make_sampler(&rows, 17, 0, 2385, keep);
    mlpbn_sampler *dropping = make_sampler(&few, 16, 1, 2385, MLPBN_LAST_BATCH_DROP);
    size_t times[19] = {0}, often = 0;
    const struct epoch *epochs[EPOCHS];
    for (size_t i = 0; i < EPOCHS; i++) {
        epochs[i] = read_epoch(shuffled);
        for (size_t earlier = 0; earlier < i; earlier++)
            ck_assert(!same_order(epochs[i], epochs[earlier]));
        ck_assert(same_order(epochs[i], read_epoch(same)));
        ck_assert(same_order(epochs[i], read_epoch(same_in_other_batches)));
        ck_assert(!same_order(epochs[i], read_epoch(other)));
        const struct epoch *in_order = read_epoch(plain);
        ck_assert_uint_eq(in_order->n, 100);
        for (size_t r = 0; r < 100; r++)
            ck_assert_uint_eq(in_order->order[r], r);
    }
    /* What DROP leaves out changes from epoch to epoch. */
    for (int i = 0; i < 12; i++) {
        const struct epoch *epoch = read_epoch(dropping);
        ck_assert_uint_eq(epoch->n, 16);
        for (size_t r = 0; r < epoch->n; r++)
            times[epoch->order[r]]++;
    }
    for (size_t r = 0; r < LENGTH(times); r++)
        often += times[r] > 0 && times[r] < 12;
    ck_assert_uint_gt(often, 6); /* 12 times 3 rows were left out */
}

/* All places are equally likely: over many epochs row 0 comes to each of 8 places n / 8
 * times; chi squared with 7 degrees of freedom is below 40 but once in a million. */
TEST(shuffles_are_even)
{
    enum { ROWS = 8, TIMES = 4000 };
    const double expected = (double)TIMES / ROWS;
    const mlpbn_rows rows = numbered_rows(ROWS);
    mlpbn_sampler *sampler = make_sampler(&rows, 3, 1, 2385, MLPBN_LAST_BATCH_KEEP);
    double counts[ROWS][ROWS] = {{0}};
    for (int i = 0; i < TIMES; i++) {
        struct epoch *epoch = read_epoch(sampler);
        for (size_t place = 0; place < ROWS; place++)
            counts[epoch->order[place]][place]++;
        api_destroy(epoch);
    }
    for (size_t row = 0; row < ROWS; row++) {
        double chi_squared = 0;
        for (size_t place = 0; place < ROWS; place++)
            chi_squared += pow(counts[row][place] - expected, 2) / expected;
        ck_assert_msg(chi_squared < 40, "row %zu: chi squared %g", row, chi_squared);
    }
}

/* Batchnorm cannot train on a single row: by default no batch is one, so that every epoch of
 * every number of rows goes through with a workspace of the batch. KEEP fails at its end. */
LOOP_DTYPE_TEST(batchnorm_trains_on_every_batch, 23)
{
    enum { BATCH = 5 };
    const struct setup s =
        SETUP(MLPBN_F32, (size_t)_i + 2, dtype, 5, {4, 3}, .batchnorm_mask = 1);
    mlpbn_workspace *workspace = api_workspace(s.network, BATCH, 1);
    mlpbn_rows batch = MLPBN_ROWS_INIT(NULL, MLPBN_NO_DTYPE, 0, 0);
    mlpbn_sampler_options options = MLPBN_SAMPLER_OPTIONS_INIT;
    options.batch = BATCH;
    mlpbn_sampler *sampler = api_create_sampler(&s.rows, &options);
    while (mlpbn_sampler_epochs(sampler) < 2) {
        OK(mlpbn_sampler_next(&batch, sampler));
        if (batch.n > 0)
            OK(mlpbn_train_step(s.network, s.optimizer, workspace, &batch, NULL, NULL));
    }
    options.last_batch = MLPBN_LAST_BATCH_KEEP;
    sampler = api_create_sampler(&s.rows, &options);
    do
        OK(mlpbn_sampler_next(&batch, sampler));
    while (batch.n > 1);
    if (batch.n == 1)
        FAILS(MLPBN_EBATCH, "batchnorm|2 rows|MLPBN_LAST_BATCH_DROP_SINGLE",
              mlpbn_train_step(s.network, s.optimizer, workspace, &batch, NULL, NULL));
    ck_assert_uint_eq(batch.n, s.rows.n % BATCH == 1);
}

TEST(an_index_list_is_a_subset_and_is_copied)
{
    size_t expected[20], index[LENGTH(expected)], moved = 0;
    mlpbn_rows rows = numbered_rows(LENGTH(index));
    for (size_t i = 0; i < LENGTH(index); i++)
        index[i] = expected[i] = 5 * (i * 7 % 20) + 2;
    rows.n_data = 100;
    rows.index = index;
    mlpbn_sampler *shuffled = make_sampler(&rows, 7, 1, 5, MLPBN_LAST_BATCH_KEEP);
    index[1] = expected[1] = index[0]; /* a row may come twice */
    index[2] = expected[2] = 0;
    index[3] = expected[3] = 99;
    mlpbn_sampler *plain = make_sampler(&rows, 3, 0, 0, MLPBN_LAST_BATCH_KEEP);
    memset(index, 0xFF, sizeof index);
    for (int i = 0; i < 2; i++) {
        const struct epoch *epoch = read_epoch(plain);
        ck_assert_uint_eq(epoch->n, LENGTH(expected));
        api_assert_same(epoch->order, expected, sizeof expected, "order");
    }
    const struct epoch *epoch = read_epoch(shuffled);
    ck_assert_uint_eq(epoch->n, LENGTH(expected));
    assert_each_once(epoch, 100);
    for (size_t i = 0; i < LENGTH(expected); i++) {
        ck_assert_uint_eq(epoch->order[i] % 5, 2);
        moved += epoch->order[i] != expected[i];
    }
    ck_assert_uint_gt(moved, 3);
}

/* --- Errors (bad views are in test_rows.c) ------------------------------------------ */

TEST(bad_arguments_are_refused)
{
    mlpbn_rows batch = MLPBN_ROWS_INIT(NULL, MLPBN_NO_DTYPE, 0, 0);
    mlpbn_rows rows = numbered_rows(23);
    mlpbn_sampler_options large = MLPBN_SAMPLER_OPTIONS_INIT;
    mlpbn_sampler *sampler = api_untouched();
    large.batch = 24;
    large.last_batch = MLPBN_LAST_BATCH_DROP;
    INVALID("sampler|NULL", mlpbn_sampler_create(NULL, &rows, NULL));
    INVALID("rows|NULL", mlpbn_sampler_create(&sampler, NULL, NULL));
    FAILS(MLPBN_EBATCH, "24|23", mlpbn_sampler_create(&sampler, &rows, &large));
    large.batch = 16;
    large.last_batch = MLPBN_LAST_BATCH_ERROR;
    FAILS(MLPBN_EBATCH, "16|23", mlpbn_sampler_create(&sampler, &rows, &large));
#if SIZE_MAX > UINT32_MAX
    rows.n = (size_t)1 << 46; /* an order of 2^47 bytes and more is never there */
    FAILS(MLPBN_ENOMEM, "", mlpbn_sampler_create(&sampler, &rows, NULL));
#endif
    ck_assert_ptr_eq(sampler, api_untouched());
    /* A refused call takes no batch. */
    rows.n = 23;
    sampler = make_sampler(&rows, 16, 0, 0, MLPBN_LAST_BATCH_KEEP);
    INVALID("batch|NULL", mlpbn_sampler_next(NULL, sampler));
    INVALID("sampler|NULL", mlpbn_sampler_next(&batch, NULL));
    batch.struct_size = 0;
    INVALID("struct_size|0", mlpbn_sampler_next(&batch, sampler));
    ck_assert_uint_eq(batch.n, 0);
    const struct epoch *epoch = read_epoch(sampler);
    ck_assert(epoch->n == 23 && epoch->order[0] == 0);
}
