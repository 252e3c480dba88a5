/* What every call refuses: NULL, the other dtype, a workspace or an optimizer of another
 * network. Nothing is changed, no output is written. */
#include "api_calls.h"

static enum call call_of(mlpbn_dtype dtype, int i)
{
    api_case(api_calls[i].name, dtype == MLPBN_F64 ? "f64" : "f32");
    return (enum call)i;
}

static int takes(enum call call, unsigned flags)
{
    return (api_calls[call].flags & flags) == flags;
}

LOOP_DTYPE_TEST(null_is_refused, N_CALLS)
{
    const enum call call = call_of(dtype, _i);
    const struct setup s = setup_default(dtype);
    for (size_t p = 0; p < N_POINTERS; p++) {
        if (!takes(call, 1U << p))
            continue;
        prepare_call(call, &s);
        struct arguments arguments = arguments_of(&s);
        const char *words = null_pointer(&arguments, p);
        INVALID(words, call_with(call, &arguments));
    }
    setup_assert_unchanged(&s);
    prepare_call(call, &s);
    OK(call_rows(call, &s, &s.rows, NULL));
}

/* Values of a tensor are converted. */
LOOP_DTYPE_TEST(other_dtypes_and_modes_are_refused, N_CALLS)
{
    const enum call call = call_of(dtype, _i);
    struct setup s = setup_default(dtype), predicts = s;
    struct arguments arguments = arguments_of(&s);
    predicts.workspace = api_predict_workspace(s.network, SETUP_MAX);
    if (takes(call, IS_TRAINING))
        FAILS(MLPBN_ESTATE, "MLPBN_PREDICT", call_rows(call, &predicts, &s.rows, NULL));
    if (takes(call, IS_TYPED) && !takes(call, TAKES_VALUES)) {
        prepare_call(call, &s);
        arguments.dtype = OTHER(dtype);
        FAILS(MLPBN_EDTYPE, "f32|f64", call_with(call, &arguments));
    }
    setup_assert_unchanged(&s);
}

/* The workspace is prepared for the call, so that nothing but its network is wrong. */
static void assert_foreign(enum call call, const struct setup *s,
                           const struct setup *other, unsigned flag, const char *words)
{
    struct setup mixed = *s;
    if (!takes(call, TAKES_NETWORK | flag))
        return;
    prepare_call(call, flag == TAKES_WORKSPACE ? other : s);
    if (flag == TAKES_WORKSPACE)
        mixed.workspace = other->workspace;
    else
        mixed.optimizer = other->optimizer;
    FAILS(MLPBN_EMISMATCH, words, call_rows(call, &mixed, &mixed.rows, NULL));
}

LOOP_DTYPE_TEST(parts_of_another_network_are_refused, N_CALLS)
{
    const enum call call = call_of(dtype, _i);
    const struct setup s = setup_default(dtype), other = setup_default(dtype);
    struct setup clone = s;
    clone.network = api_clone(s.network, dtype);
    clone.workspace = api_workspace(clone.network, SETUP_MAX, 1);
    assert_foreign(call, &s, &other, TAKES_WORKSPACE, "workspace|mlpbn_workspace_create");
    assert_foreign(call, &s, &clone, TAKES_WORKSPACE, "workspace|mlpbn_workspace_create");
    assert_foreign(call, &s, &other, TAKES_OPTIMIZER, "optimizer|mlpbn_optimizer_create");
    setup_assert_unchanged(&s);
}

/* A network of the same shape, quite likely at the same address. */
LOOP_DTYPE_TEST(parts_of_a_destroyed_network_are_refused, N_CALLS)
{
    const enum call call = call_of(dtype, _i);
    struct setup old = setup_default(dtype);
    OK(call_rows(GRADIENT, &old, &old.rows, NULL));
    api_destroy(old.network);
    const struct setup s = setup_default(dtype);
    struct setup mixed = s;
    mixed.workspace = old.workspace;
    if (takes(call, TAKES_NETWORK | TAKES_WORKSPACE))
        FAILS(MLPBN_EMISMATCH, "workspace", call_rows(call, &mixed, &s.rows, NULL));
    assert_foreign(call, &s, &old, TAKES_OPTIMIZER, "optimizer");
}

TEST(destroy_takes_null)
{
    mlpbn_network_destroy(NULL);
    mlpbn_workspace_destroy(NULL);
    mlpbn_optimizer_destroy(NULL);
    mlpbn_sampler_destroy(NULL);
    mlpbn_gradcheck_destroy(NULL);
}
