/* Workspaces: creation, the array of gradients, memory of the caller's. */
#include "api_helpers.h"

/* 2^47 bytes and more are never there. */
DTYPE_TEST(create_refuses_null_and_reports_that_memory_is_short)
{
    const struct setup s = setup_default(dtype);
    mlpbn_workspace *workspace = api_untouched();
    INVALID("workspace|NULL", mlpbn_workspace_create(NULL, s.network, NULL));
    INVALID("network|NULL", mlpbn_workspace_create(&workspace, NULL, NULL));
#if SIZE_MAX > UINT32_MAX
    mlpbn_workspace_options options = MLPBN_WORKSPACE_OPTIONS_INIT;
    options.max_batch = (size_t)1 << 43;
    FAILS(MLPBN_ENOMEM, "", mlpbn_workspace_create(&workspace, s.network, &options));
    options.mode = MLPBN_PREDICT;
    FAILS(MLPBN_ENOMEM, "", mlpbn_workspace_create(&workspace, s.network, &options));
#endif
    ck_assert_ptr_eq(workspace, api_untouched());
}

DTYPE_TEST(create_takes_defaults_and_extremes)
{
    static const int threads[] = {0, 1, 64}; /* valgrind has no room for 1024 */
    struct setup s =
        SETUP(MLPBN_F32, 257, dtype, SETUP_INPUTS, {4, 3}, .batchnorm_mask = 1);
    s.workspace = api_create_workspace(s.network, NULL);
    FAILS(MLPBN_EBATCH, "256|257",
          mlpbn_gradient(s.network, s.workspace, &s.rows, NULL, NULL));
    s.rows.n = 256;
    OK(mlpbn_gradient(s.network, s.workspace, &s.rows, NULL, NULL));
    for (size_t i = 0; i < LENGTH(threads); i++) {
        s.workspace = api_workspace(s.network, 256, threads[i]);
        OK(mlpbn_gradient(s.network, s.workspace, &s.rows, NULL, NULL));
    }
}

/* As many, and what stands at a tensor's place is its gradient: dW = dz x^T, db = the sum
 * of dz, in a network of one layer, whose dy is dz. */
DTYPE_TEST(gradients_lie_as_parameters_do)
{
    const struct setup s =
        SETUP(MLPBN_F32, SETUP_ROWS, dtype, SETUP_INPUTS, {SETUP_OUTPUTS});
    const mlpbn_tensor weight = api_describe(s.network, 0);
    const mlpbn_tensor bias = api_describe(s.network, 1);
    const double *x = data_x(&s.rows);
    double dz[SETUP_Y_SIZE] = {0};
    for (size_t i = 0; i < SETUP_ROWS; i++)
        dz[i * SETUP_OUTPUTS + 1] = api_uniform(5, i);
    setup_forward(&s);
    OK(api_backward(s.network, s.workspace, SETUP_ROWS, dz, NULL));
    const double *gradients = api_gradients(s.network, s.workspace);
    ck_assert_uint_eq((uintptr_t)api_gradients_in_place(s.network, s.workspace) % 64, 0);
    ck_assert_uint_eq(api_length(gradients), api_length(api_parameters(s.network)));
    for (size_t u = 0; u < SETUP_OUTPUTS; u++)
        for (size_t j = 0; j <= SETUP_INPUTS; j++) {
            const int is_bias = j == SETUP_INPUTS;
            const size_t at =
                is_bias ? bias.offset + u : weight.offset + u * weight.stride + j;
            double expected = 0;
            for (size_t i = 0; i < SETUP_ROWS; i++)
                expected +=
                    dz[i * SETUP_OUTPUTS + u] * (is_bias ? 1 : x[i * SETUP_INPUTS + j]);
            api_assert_near(gradients[at], expected, 16 * api_epsilon(dtype),
                            is_bias ? "db" : "dW");
        }
}

enum { GUARD = 64, JUNK = 0xA5 };

/* Memory full of junk, more than asked for on both sides. */
struct place {
    unsigned char *memory;
    size_t bytes;
};

static struct place make_place(const mlpbn_network *network,
                               const mlpbn_workspace_options *options)
{
    struct place place;
    OK(mlpbn_workspace_size(&place.bytes, network, options));
    const size_t room = place.bytes + 2 * GUARD + MLPBN_WORKSPACE_ALIGNMENT;
    unsigned char *block = api_alloc(room, 1);
    memset(block, JUNK, room);
    const size_t shift =
        MLPBN_WORKSPACE_ALIGNMENT - (uintptr_t)block % MLPBN_WORKSPACE_ALIGNMENT;
    place.memory = block + GUARD + shift - GUARD % MLPBN_WORKSPACE_ALIGNMENT;
    return place;
}

static mlpbn_workspace *create_in(const struct place *place, const mlpbn_network *network,
                                  const mlpbn_workspace_options *options)
{
    mlpbn_workspace *ws;
    OK(mlpbn_workspace_create_in(&ws, place->memory, place->bytes, network, options));
    ck_assert_ptr_eq((void *)ws, (void *)place->memory);
    return own_workspace(ws);
}

static void assert_guards(const struct place *place)
{
    for (size_t i = 0; i < GUARD; i++) {
        ck_assert_uint_eq(place->memory[-1 - (ptrdiff_t)i], JUNK);
        ck_assert_uint_eq(place->memory[place->bytes + i], JUNK);
    }
}

/* Whatever the memory held: the bits of a workspace that was created. One for prediction is
 * smaller. */
DTYPE_TEST(a_placed_workspace_computes_the_same)
{
    struct setup s = setup_default(dtype);
    const struct setup other = setup_default(dtype);
    mlpbn_workspace_options options = MLPBN_WORKSPACE_OPTIONS_INIT;
    options.max_batch = SETUP_MAX;
    const struct place place = make_place(s.network, &options);
    s.workspace = create_in(&place, s.network, &options);
    api_assert_same_arrays(setup_predict(&s), setup_predict(&other), "outputs");
    setup_assert_equal(&s, &other);
    assert_guards(&place);

    size_t training;
    OK(mlpbn_workspace_size(&training, s.network, NULL));
    options = (mlpbn_workspace_options)MLPBN_WORKSPACE_OPTIONS_INIT;
    options.mode = MLPBN_PREDICT;
    const struct place small = make_place(s.network, &options);
    ck_assert_uint_lt(small.bytes, training);
    s.workspace = create_in(&small, s.network, &options);
    setup_predict(&s);
    api_destroy(s.workspace);
    assert_guards(&small);
}

TEST(place_refuses_bad_arguments)
{
    const struct setup s = setup_default(MLPBN_F32);
    const mlpbn_network *network = s.network;
    mlpbn_workspace_options options = MLPBN_WORKSPACE_OPTIONS_INIT;
    mlpbn_workspace *ws = api_untouched();
    const struct place place = make_place(network, NULL);
    unsigned char *memory = place.memory;
    char few[100];
    size_t bytes = 2385, n = place.bytes;
    INVALID("bytes|NULL", mlpbn_workspace_size(NULL, network, NULL));
    INVALID("network|NULL", mlpbn_workspace_size(&bytes, NULL, NULL));
    INVALID("workspace|NULL", mlpbn_workspace_create_in(NULL, memory, n, network, NULL));
    INVALID("memory|NULL", mlpbn_workspace_create_in(&ws, NULL, n, network, NULL));
    INVALID("network|NULL", mlpbn_workspace_create_in(&ws, memory, n, NULL, NULL));
    INVALID("memory|64|8", mlpbn_workspace_create_in(&ws, memory + 8, n, network, NULL));
    snprintf(few, sizeof few, "bytes|%zu|%zu", n, n - 1);
    INVALID(few, mlpbn_workspace_create_in(&ws, memory, n - 1, network, NULL));
    options.max_batch = SIZE_MAX / 16;
    FAILS(MLPBN_ESIZE, "", mlpbn_workspace_size(&bytes, network, &options));
    FAILS(MLPBN_ESIZE, "", mlpbn_workspace_create_in(&ws, memory, n, network, &options));
    options.max_batch = 0;
    INVALID("max_batch", mlpbn_workspace_size(&bytes, network, &options));
    options.max_batch = 8;
    options.threads = 2;
    INVALID("threads|1|2", mlpbn_workspace_size(&bytes, network, &options));
    options.threads = 0;
    INVALID("threads|1|0", mlpbn_workspace_create_in(&ws, memory, n, network, &options));
    ck_assert_ptr_eq(ws, api_untouched());
    ck_assert_uint_eq(bytes, 2385);
    for (size_t i = 0; i < n; i++)
        ck_assert_uint_eq(memory[i], JUNK);
}
