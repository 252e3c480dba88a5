/* Samplers: every row once an epoch, in orders that a seed decides. */
#include "api_helpers.h"

#include <stdlib.h>
#include <string.h>

enum { COLUMNS = 3, MAX_ROWS = 240, EPOCHS = 4 };

/* A data set whose rows can be told apart by what they hold: x[r][0] is r, the label r
 * % 7 and the target r + 0.25. */
struct numbered {
    float x[MAX_ROWS * COLUMNS];
    int32_t labels[MAX_ROWS];
    double targets[MAX_ROWS];
    mlpbn_rows rows;
};

static struct numbered *make_numbered(size_t n)
{
    struct numbered *data = api_alloc(1, sizeof *data);
    for (size_t r = 0; r < MAX_ROWS; r++) {
        data->x[r * COLUMNS] = (float)r;
        data->labels[r] = (int32_t)(r % 7);
        data->targets[r] = (double)r + 0.25;
    }
    OK(mlpbn_rows_init(&data->rows, sizeof data->rows));
    data->rows.n = n;
    data->rows.data = data->x;
    data->rows.dtype = MLPBN_F32;
    data->rows.columns = COLUMNS;
    data->rows.labels = data->labels;
    data->rows.targets = data->targets;
    data->rows.target_dtype = MLPBN_F64;
    data->rows.target_columns = 1;
    return data;
}

static mlpbn_sampler_options options_of(size_t batch, int shuffle, uint64_t seed,
                                        mlpbn_last_batch last_batch)
{
    mlpbn_sampler_options options;
    OK(mlpbn_sampler_options_init(&options, sizeof options));
    options.batch = batch;
    options.shuffle = shuffle;
    options.seed = seed;
    options.last_batch = last_batch;
    return options;
}

static mlpbn_sampler *make_sampler(const mlpbn_rows *rows,
                                   const mlpbn_sampler_options *options)
{
    mlpbn_sampler *sampler;
    OK(mlpbn_sampler_create(&sampler, rows, options));
    return sampler;
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

/* The rows of one epoch in their order; *sizes receives those of the batches. Returns the
 * number of rows. */
static size_t read_epoch(mlpbn_sampler *sampler, size_t *order, size_t *sizes)
{
    mlpbn_rows batch;
    size_t n = 0, batches = 0;

    OK(mlpbn_rows_init(&batch, sizeof batch));
    for (;;) {
        OK(mlpbn_sampler_next(&batch, sampler));
        if (batch.n == 0)
            break;
        ck_assert_uint_le(n + batch.n, MAX_ROWS);
        for (size_t i = 0; i < batch.n; i++)
            order[n++] = row_of(&batch, i);
        sizes[batches++] = batch.n;
    }
    ck_assert_uint_eq(batches, mlpbn_sampler_batches(sampler));
    return n;
}

static void assert_each_once(const size_t *order, size_t n, size_t n_rows)
{
    unsigned char seen[MAX_ROWS] = {0};
    for (size_t i = 0; i < n; i++) {
        ck_assert_msg(order[i] < n_rows && !seen[order[i]], "row %zu twice", order[i]);
        seen[order[i]] = 1;
    }
}

static const struct {
    size_t n, batch;
    mlpbn_last_batch last_batch;
    size_t batches, last; /* expected */
} policies[] = {
    {240, 16, MLPBN_LAST_BATCH_KEEP, 15, 16},   {239, 16, MLPBN_LAST_BATCH_KEEP, 15, 15},
    {225, 16, MLPBN_LAST_BATCH_KEEP, 15, 1},    {239, 16, MLPBN_LAST_BATCH_DROP, 14, 16},
    {240, 16, MLPBN_LAST_BATCH_DROP, 15, 16},   {240, 16, MLPBN_LAST_BATCH_ERROR, 15, 16},
    {1, 1, MLPBN_LAST_BATCH_ERROR, 1, 1},       {7, 100, MLPBN_LAST_BATCH_KEEP, 1, 7},
    {7, SIZE_MAX, MLPBN_LAST_BATCH_KEEP, 1, 7}, {13, 1, MLPBN_LAST_BATCH_DROP, 13, 1},
};

static void check_epoch(mlpbn_sampler *sampler, int policy, uint64_t epoch)
{
    size_t order[MAX_ROWS], sizes[MAX_ROWS];
    const size_t batches = policies[policy].batches;

    ck_assert_uint_eq(mlpbn_sampler_epochs(sampler), epoch);
    const size_t n = read_epoch(sampler, order, sizes);
    ck_assert_uint_eq(mlpbn_sampler_epochs(sampler), epoch + 1);
    ck_assert_uint_eq(mlpbn_sampler_batches(sampler), batches);
    ck_assert_uint_eq(n, batches > 1 ? (batches - 1) * policies[policy].batch +
                                           policies[policy].last
                                     : policies[policy].last);
    for (size_t b = 0; b + 1 < batches; b++)
        ck_assert_uint_eq(sizes[b], policies[policy].batch);
    ck_assert_uint_eq(sizes[batches - 1], policies[policy].last);
    assert_each_once(order, n, policies[policy].n);
}

START_TEST(an_epoch_has_every_row_once)
{
    struct numbered *data = make_numbered(policies[_i].n);
    for (int shuffle = 0; shuffle < 2; shuffle++) {
        const mlpbn_sampler_options options =
            options_of(policies[_i].batch, shuffle, 2385, policies[_i].last_batch);
        mlpbn_sampler *sampler = make_sampler(&data->rows, &options);
        for (uint64_t epoch = 0; epoch < EPOCHS; epoch++)
            check_epoch(sampler, _i, epoch);
        mlpbn_sampler_destroy(sampler);
    }
    free(data);
}
END_TEST

/* A batch is a view into the arrays that were given, and keeps their layout. */
START_TEST(batches_are_views_of_the_same_arrays)
{
    struct numbered *data = make_numbered(23);
    mlpbn_sampler *sampler = make_sampler(&data->rows, NULL); /* batches of 100 */
    mlpbn_rows batch;

    OK(mlpbn_rows_init(&batch, sizeof batch));
    OK(mlpbn_sampler_next(&batch, sampler));
    ck_assert_uint_eq(batch.struct_size, sizeof batch);
    ck_assert_uint_eq(batch.n, 23);
    ck_assert_ptr_eq(batch.data, data->x);
    ck_assert_ptr_eq(batch.labels, data->labels);
    ck_assert_ptr_eq(batch.targets, data->targets);
    ck_assert_int_eq(batch.dtype, MLPBN_F32);
    ck_assert_int_eq(batch.target_dtype, MLPBN_F64);
    ck_assert_uint_eq(batch.columns, COLUMNS);
    ck_assert_uint_eq(batch.target_columns, 1);
    ck_assert_uint_eq(batch.n_data, 23);
    ck_assert_ptr_nonnull(batch.index);
    mlpbn_sampler_destroy(sampler);
    free(data);
}
END_TEST

/* What a batch names as next is what the next one of the epoch has. */
START_TEST(batches_name_the_next_rows)
{
    struct numbered *data = make_numbered(23);
    const mlpbn_sampler_options options = options_of(9, 1, 2385, MLPBN_LAST_BATCH_KEEP);
    mlpbn_sampler *sampler = make_sampler(&data->rows, &options);
    mlpbn_rows batch;
    size_t next[9], n_next = 0;

    OK(mlpbn_rows_init(&batch, sizeof batch));
    for (int i = 0; i < 3; i++) {
        OK(mlpbn_sampler_next(&batch, sampler));
        if (i > 0) {
            ck_assert_uint_eq(n_next, batch.n);
            api_assert_same(batch.index, next, n_next * sizeof *next, "rows next");
        }
        n_next = batch.n_next;
        ck_assert_uint_le(n_next, LENGTH(next));
        memcpy(next, batch.next_index, n_next * sizeof *next);
    }
    ck_assert_uint_eq(n_next, 0); /* an epoch's order is not known before it begins */
    mlpbn_sampler_destroy(sampler);
    free(data);
}
END_TEST

/* --- Orders ------------------------------------------------------------------------- */

/* The orders of several epochs, [EPOCHS][n]. */
static size_t *orders_of(const mlpbn_rows *rows, const mlpbn_sampler_options *options,
                         size_t *n)
{
    size_t *orders = api_alloc(EPOCHS * MAX_ROWS, sizeof *orders);
    size_t sizes[MAX_ROWS];
    mlpbn_sampler *sampler = make_sampler(rows, options);
    *n = 0;
    for (size_t epoch = 0; epoch < EPOCHS; epoch++)
        *n = read_epoch(sampler, orders + epoch * MAX_ROWS, sizes);
    mlpbn_sampler_destroy(sampler);
    return orders;
}

static int same_orders(const size_t *a, const size_t *b, size_t n)
{
    return memcmp(a, b, n * sizeof *a) == 0;
}

START_TEST(without_shuffling_the_order_is_the_one_given)
{
    struct numbered *data = make_numbered(100);
    const mlpbn_sampler_options options = options_of(17, 0, 2385, MLPBN_LAST_BATCH_KEEP);
    size_t n;
    size_t *orders = orders_of(&data->rows, &options, &n);

    ck_assert_uint_eq(n, 100);
    for (size_t epoch = 0; epoch < EPOCHS; epoch++)
        for (size_t i = 0; i < n; i++)
            ck_assert_uint_eq(orders[epoch * MAX_ROWS + i], i);
    free(orders);
    free(data);
}
END_TEST

START_TEST(every_epoch_has_an_order_of_its_own)
{
    struct numbered *data = make_numbered(100);
    const mlpbn_sampler_options options = options_of(17, 1, 2385, MLPBN_LAST_BATCH_KEEP);
    size_t n;
    size_t *orders = orders_of(&data->rows, &options, &n);

    for (size_t epoch = 1; epoch < EPOCHS; epoch++)
        for (size_t earlier = 0; earlier < epoch; earlier++)
            ck_assert(
                !same_orders(orders + epoch * MAX_ROWS, orders + earlier * MAX_ROWS, n));
    free(orders);
    free(data);
}
END_TEST

/* Of seed, epoch and number of rows only: not of the batch. */
START_TEST(the_seed_decides_the_orders)
{
    struct numbered *data = make_numbered(100);
    const mlpbn_sampler_options options = options_of(17, 1, 2385, MLPBN_LAST_BATCH_KEEP);
    const mlpbn_sampler_options other_batch =
        options_of(33, 1, 2385, MLPBN_LAST_BATCH_KEEP);
    const mlpbn_sampler_options other_seed =
        options_of(17, 1, 2386, MLPBN_LAST_BATCH_KEEP);
    size_t n;
    size_t *orders = orders_of(&data->rows, &options, &n);
    size_t *again = orders_of(&data->rows, &options, &n);
    size_t *batched = orders_of(&data->rows, &other_batch, &n);
    size_t *seeded = orders_of(&data->rows, &other_seed, &n);

    for (size_t epoch = 0; epoch < EPOCHS; epoch++) {
        const size_t at = epoch * MAX_ROWS;
        ck_assert(same_orders(orders + at, again + at, n));
        ck_assert(same_orders(orders + at, batched + at, n));
        ck_assert(!same_orders(orders + at, seeded + at, n));
    }
    free(orders);
    free(again);
    free(batched);
    free(seeded);
    free(data);
}
END_TEST

/* All places are equally likely: over many epochs row 0 comes to each of 8 places n / 8
 * times; chi squared with 7 degrees of freedom is below 40 but once in a million. */
START_TEST(shuffles_are_even)
{
    enum { ROWS = 8, TIMES = 4000 };
    struct numbered *data = make_numbered(ROWS);
    const mlpbn_sampler_options options = options_of(3, 1, 2385, MLPBN_LAST_BATCH_KEEP);
    mlpbn_sampler *sampler = make_sampler(&data->rows, &options);
    size_t order[MAX_ROWS], sizes[MAX_ROWS];
    double counts[ROWS][ROWS] = {{0}};

    for (int epoch = 0; epoch < TIMES; epoch++) {
        read_epoch(sampler, order, sizes);
        for (size_t place = 0; place < ROWS; place++)
            counts[order[place]][place]++;
    }
    for (size_t row = 0; row < ROWS; row++) {
        const double expected = (double)TIMES / ROWS;
        double chi_squared = 0;
        for (size_t place = 0; place < ROWS; place++)
            chi_squared += (counts[row][place] - expected) *
                           (counts[row][place] - expected) / expected;
        ck_assert_msg(chi_squared < 40, "row %zu: chi squared %g", row, chi_squared);
    }
    mlpbn_sampler_destroy(sampler);
    free(data);
}
END_TEST

/* What DROP leaves out changes from epoch to epoch. */
START_TEST(dropped_rows_change)
{
    struct numbered *data = make_numbered(19);
    const mlpbn_sampler_options options = options_of(16, 1, 2385, MLPBN_LAST_BATCH_DROP);
    mlpbn_sampler *sampler = make_sampler(&data->rows, &options);
    size_t order[MAX_ROWS], sizes[MAX_ROWS], seen[19] = {0}, often = 0;

    for (int epoch = 0; epoch < 12; epoch++) {
        const size_t n = read_epoch(sampler, order, sizes);
        ck_assert_uint_eq(n, 16);
        for (size_t i = 0; i < n; i++)
            seen[order[i]]++;
    }
    for (size_t r = 0; r < 19; r++)
        often += seen[r] > 0 && seen[r] < 12;
    ck_assert_uint_gt(often, 6); /* 12 times 3 rows were left out */
    mlpbn_sampler_destroy(sampler);
    free(data);
}
END_TEST

/* --- Subsets ------------------------------------------------------------------------ */

START_TEST(an_index_list_is_a_subset_and_is_copied)
{
    size_t index[] = {17, 3, 3, 99, 0, 42, 8};
    const size_t expected[] = {17, 3, 3, 99, 0, 42, 8};
    struct numbered *data = make_numbered(LENGTH(index));
    const mlpbn_sampler_options options = options_of(3, 0, 0, MLPBN_LAST_BATCH_KEEP);
    size_t order[MAX_ROWS], sizes[MAX_ROWS];

    data->rows.n_data = 100;
    data->rows.index = index;
    mlpbn_sampler *sampler = make_sampler(&data->rows, &options);
    memset(index, 0xFF, sizeof index);
    for (int epoch = 0; epoch < 2; epoch++) {
        ck_assert_uint_eq(read_epoch(sampler, order, sizes), LENGTH(expected));
        api_assert_same(order, expected, sizeof expected, "order");
    }
    mlpbn_sampler_destroy(sampler);
    free(data);
}
END_TEST

START_TEST(a_subset_is_shuffled_within_itself)
{
    size_t index[20];
    struct numbered *data = make_numbered(LENGTH(index));
    const mlpbn_sampler_options options = options_of(7, 1, 5, MLPBN_LAST_BATCH_KEEP);
    size_t order[MAX_ROWS], sizes[MAX_ROWS], moved = 0;

    for (size_t i = 0; i < LENGTH(index); i++)
        index[i] = 5 * i + 2;
    data->rows.n_data = 100;
    data->rows.index = index;
    mlpbn_sampler *sampler = make_sampler(&data->rows, &options);
    ck_assert_uint_eq(read_epoch(sampler, order, sizes), LENGTH(index));
    assert_each_once(order, LENGTH(index), 100);
    for (size_t i = 0; i < LENGTH(index); i++) {
        ck_assert_uint_eq(order[i] % 5, 2);
        moved += order[i] != index[i];
    }
    ck_assert_uint_gt(moved, 0);
    mlpbn_sampler_destroy(sampler);
    free(data);
}
END_TEST

/* --- Errors (bad views are in test_rows.c) ------------------------------------------ */

static const struct bad_field bad_options[] = {
    {SIZE_FIELD(mlpbn_sampler_options, batch, 0), MLPBN_EINVAL, "batch|0"},
    {INT_FIELD(mlpbn_sampler_options, shuffle, 2), MLPBN_EINVAL, "shuffle|2"},
    {INT_FIELD(mlpbn_sampler_options, shuffle, -1), MLPBN_EINVAL, "shuffle|-1"},
    {INT_FIELD(mlpbn_sampler_options, last_batch, 0), MLPBN_EINVAL, "last_batch|0"},
    {INT_FIELD(mlpbn_sampler_options, last_batch, 99), MLPBN_EINVAL, "last_batch|99"},
    {INT_FIELD(mlpbn_sampler_options, last_batch, MLPBN_LAST_BATCH_ERROR), MLPBN_EBATCH,
     "16|23"},
};

START_TEST(create_refuses_bad_options)
{
    struct numbered *data = make_numbered(23);
    mlpbn_sampler_options options = options_of(16, 1, 0, MLPBN_LAST_BATCH_KEEP);
    mlpbn_sampler *sampler = api_untouched();

    api_poke(&options, &bad_options[_i].poke);
    FAILS(bad_options[_i].status, bad_options[_i].words,
          mlpbn_sampler_create(&sampler, &data->rows, &options));
    ck_assert_ptr_eq(sampler, api_untouched());
    free(data);
}
END_TEST

START_TEST(create_refuses_what_cannot_be)
{
    struct numbered *data = make_numbered(23);
    const mlpbn_sampler_options large = options_of(24, 1, 0, MLPBN_LAST_BATCH_DROP);
    mlpbn_sampler *sampler = api_untouched();

    FAILS(MLPBN_EINVAL, "sampler|NULL", mlpbn_sampler_create(NULL, &data->rows, NULL));
    FAILS(MLPBN_EINVAL, "rows|NULL", mlpbn_sampler_create(&sampler, NULL, NULL));
    FAILS(MLPBN_EBATCH, "24|23", mlpbn_sampler_create(&sampler, &data->rows, &large));
#if SIZE_MAX > UINT32_MAX
    data->rows.n = (size_t)1 << 46; /* an order of 2^47 bytes and more is never there */
    FAILS(MLPBN_ENOMEM, "", mlpbn_sampler_create(&sampler, &data->rows, NULL));
#endif
    ck_assert_ptr_eq(sampler, api_untouched());
    free(data);
}
END_TEST

/* A refused call takes no batch. */
START_TEST(next_refuses_bad_arguments)
{
    struct numbered *data = make_numbered(23);
    const mlpbn_sampler_options options = options_of(16, 0, 0, MLPBN_LAST_BATCH_KEEP);
    mlpbn_sampler *sampler = make_sampler(&data->rows, &options);
    size_t order[MAX_ROWS], sizes[MAX_ROWS];
    mlpbn_rows batch;

    OK(mlpbn_rows_init(&batch, sizeof batch));
    FAILS(MLPBN_EINVAL, "batch|NULL", mlpbn_sampler_next(NULL, sampler));
    FAILS(MLPBN_EINVAL, "sampler|NULL", mlpbn_sampler_next(&batch, NULL));
    batch.struct_size = 0;
    FAILS(MLPBN_EINVAL, "struct_size|0", mlpbn_sampler_next(&batch, sampler));
    ck_assert_uint_eq(batch.n, 0);
    ck_assert_uint_eq(read_epoch(sampler, order, sizes), 23);
    ck_assert_uint_eq(order[0], 0);
    mlpbn_sampler_destroy(sampler);
    free(data);
}
END_TEST

Suite *sampler_suite(void)
{
    TCase *tests;
    Suite *suite = api_suite("sampler", &tests);
    tcase_add_loop_test(tests, an_epoch_has_every_row_once, 0, LENGTH(policies));
    tcase_add_test(tests, batches_are_views_of_the_same_arrays);
    tcase_add_test(tests, batches_name_the_next_rows);
    tcase_add_test(tests, without_shuffling_the_order_is_the_one_given);
    tcase_add_test(tests, every_epoch_has_an_order_of_its_own);
    tcase_add_test(tests, the_seed_decides_the_orders);
    tcase_add_test(tests, shuffles_are_even);
    tcase_add_test(tests, dropped_rows_change);
    tcase_add_test(tests, an_index_list_is_a_subset_and_is_copied);
    tcase_add_test(tests, a_subset_is_shuffled_within_itself);
    tcase_add_loop_test(tests, create_refuses_bad_options, 0, LENGTH(bad_options));
    tcase_add_test(tests, create_refuses_what_cannot_be);
    tcase_add_test(tests, next_refuses_bad_arguments);
    return suite;
}
