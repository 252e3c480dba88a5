/* Optimizers: their formulae, the learning rate, and whose optimizer it is. */
#include "api_reference.h"

#include <stdlib.h>
#include <string.h>

/* --- Creation ----------------------------------------------------------------------- */

static const struct bad_field bad_options[] = {
    {INT_FIELD(mlpbn_optimizer_options, kind, 0), MLPBN_EINVAL, "kind"},
    {INT_FIELD(mlpbn_optimizer_options, kind, 99), MLPBN_EINVAL, "kind"},
    {REAL_FIELD(mlpbn_optimizer_options, learning_rate, -0.0385), MLPBN_EINVAL,
     "learning_rate|-0.0385"},
    {REAL_FIELD(mlpbn_optimizer_options, learning_rate, API_NAN), MLPBN_EINVAL,
     "learning_rate|nan"},
    {REAL_FIELD(mlpbn_optimizer_options, learning_rate, HUGE_VAL), MLPBN_EINVAL,
     "learning_rate|inf"},
    {REAL_FIELD(mlpbn_optimizer_options, momentum, -0.0385), MLPBN_EINVAL,
     "momentum|-0.0385"},
    {REAL_FIELD(mlpbn_optimizer_options, momentum, 1), MLPBN_EINVAL, "momentum|1"},
    {REAL_FIELD(mlpbn_optimizer_options, momentum, API_NAN), MLPBN_EINVAL,
     "momentum|nan"},
    {INT_FIELD(mlpbn_optimizer_options, nesterov, 1), MLPBN_EINVAL, "nesterov|momentum"},
    {INT_FIELD(mlpbn_optimizer_options, nesterov, 2), MLPBN_EINVAL, "nesterov"},
    {REAL_FIELD(mlpbn_optimizer_options, momentum, 1 - 2.385e-9), MLPBN_EINVAL,
     "momentum"},
    {REAL_FIELD(mlpbn_optimizer_options, beta1, -0.0385), MLPBN_EINVAL, "beta1|-0.0385"},
    {REAL_FIELD(mlpbn_optimizer_options, beta1, 1), MLPBN_EINVAL, "beta1|1"},
    {REAL_FIELD(mlpbn_optimizer_options, beta2, API_NAN), MLPBN_EINVAL, "beta2|nan"},
    {REAL_FIELD(mlpbn_optimizer_options, beta2, 1.0625), MLPBN_EINVAL, "beta2|1.0625"},
    {REAL_FIELD(mlpbn_optimizer_options, rho, 1), MLPBN_EINVAL, "rho|1"},
    {REAL_FIELD(mlpbn_optimizer_options, eps, 0), MLPBN_EINVAL, "eps|0"},
    {REAL_FIELD(mlpbn_optimizer_options, eps, -0.0385), MLPBN_EINVAL, "eps|-0.0385"},
    {REAL_FIELD(mlpbn_optimizer_options, eps, 2.385e-60), MLPBN_EINVAL, "eps|2.385e-60"},
    {REAL_FIELD(mlpbn_optimizer_options, eps, HUGE_VAL), MLPBN_EINVAL, "eps|inf"},
    {REAL_FIELD(mlpbn_optimizer_options, weight_decay, -0.0385), MLPBN_EINVAL,
     "weight_decay|-0.0385"},
    {REAL_FIELD(mlpbn_optimizer_options, weight_decay, HUGE_VAL), MLPBN_EINVAL,
     "weight_decay|inf"},
    {REAL_FIELD(mlpbn_optimizer_options, clip_norm, -0.0385), MLPBN_EINVAL,
     "clip_norm|-0.0385"},
    {REAL_FIELD(mlpbn_optimizer_options, clip_norm, API_NAN), MLPBN_EINVAL,
     "clip_norm|nan"},
    {INT_FIELD(mlpbn_optimizer_options, decay_kinds, 1), MLPBN_EINVAL, "decay_kinds|0x1"},
    {INT_FIELD(mlpbn_optimizer_options, decay_kinds, 64), MLPBN_EINVAL,
     "decay_kinds|0x40"},
};

START_TEST(create_refuses_bad_options)
{
    const struct bad_field *bad = &bad_options[_i];
    struct world world;
    mlpbn_optimizer_options options;
    mlpbn_optimizer *optimizer = api_untouched();

    api_case(bad->words, api_poked_value(&bad->poke));
    world_make(&world, MLPBN_F32);
    OK(mlpbn_optimizer_options_init(&options, sizeof options));
    if (bad->poke.integer == 2) /* wrong by itself, not for lack of momentum */
        options.momentum = 0.873;
    api_poke(&options, &bad->poke);
    FAILS(bad->status, bad->words,
          mlpbn_optimizer_create(&optimizer, world.network, &options));
    ck_assert_ptr_eq(optimizer, api_untouched());
    world_free(&world);
}
END_TEST

START_TEST(create_refuses_null)
{
    struct world world;
    mlpbn_optimizer *optimizer = api_untouched();

    world_make(&world, MLPBN_F32);
    FAILS(MLPBN_EINVAL, "optimizer|NULL",
          mlpbn_optimizer_create(NULL, world.network, NULL));
    FAILS(MLPBN_EINVAL, "network|NULL", mlpbn_optimizer_create(&optimizer, NULL, NULL));
    mlpbn_optimizer_options nesterov = MLPBN_OPTIMIZER_OPTIONS_INIT;
    nesterov.kind = MLPBN_RMSPROP;
    nesterov.momentum = 0.873;
    nesterov.nesterov = 1;
    FAILS(MLPBN_EINVAL, "nesterov|MLPBN_SGD",
          mlpbn_optimizer_create(&optimizer, world.network, &nesterov));
    ck_assert_ptr_eq(optimizer, api_untouched());
    world_free(&world);
}
END_TEST

START_TEST(the_learning_rate_is_set_and_told)
{
    static const double bad[] = {-0.0385, API_NAN, HUGE_VAL, -HUGE_VAL};
    struct world world;
    mlpbn_optimizer *optimizer;

    world_make(&world, MLPBN_F32);
    OK(mlpbn_optimizer_create(&optimizer, world.network, NULL));
    ck_assert(mlpbn_optimizer_learning_rate(optimizer) == 0.01);
    OK(mlpbn_optimizer_set_learning_rate(optimizer, 2.385));
    ck_assert(mlpbn_optimizer_learning_rate(optimizer) == 2.385);
    for (size_t i = 0; i < LENGTH(bad); i++) {
        FAILS(MLPBN_EINVAL, "rate", mlpbn_optimizer_set_learning_rate(optimizer, bad[i]));
        ck_assert(mlpbn_optimizer_learning_rate(optimizer) == 2.385);
    }
    FAILS(MLPBN_EINVAL, "optimizer|NULL", mlpbn_optimizer_set_learning_rate(NULL, 0.1));
    OK(mlpbn_optimizer_set_learning_rate(optimizer, 0));
    ck_assert(mlpbn_optimizer_learning_rate(optimizer) == 0);
    mlpbn_optimizer_destroy(optimizer);
    world_free(&world);
}
END_TEST

static void scale_gradient(struct world *w, double factor)
{
    size_t n;
    if (mlpbn_network_dtype(w->network) == MLPBN_F64) {
        double *g;
        OK(mlpbn_workspace_gradients_f64(&g, &n, w->workspace));
        for (size_t i = 0; i < n; i++)
            g[i] *= factor;
    } else {
        float *g;
        OK(mlpbn_workspace_gradients_f32(&g, &n, w->workspace));
        for (size_t i = 0; i < n; i++)
            g[i] *= (float)factor;
    }
}

/* --- Formulae ----------------------------------------------------------------------- */

static const struct method {
    const char *name;
    mlpbn_optimizer_kind kind;
    double momentum;
    int nesterov;
    double clip_norm;
    unsigned decay_kinds;
} methods[] = {
    {"SGD", MLPBN_SGD, 0, 0, 0, 0},
    {"momentum", MLPBN_SGD, 0.873, 0, 0, 0},
    {"Nesterov", MLPBN_SGD, 0.731, 1, 0, 0},
    {"SGD, clipped", MLPBN_SGD, 0, 0, 0.0385, 0},
    {"Nesterov, clipped", MLPBN_SGD, 0.731, 1, 0.0385, 0},
    {"SGD, clipped far out", MLPBN_SGD, 0, 0, 2385, 0},
    {"RMSprop", MLPBN_RMSPROP, 0, 0, 0, 0},
    {"RMSprop, momentum, clipped", MLPBN_RMSPROP, 0.613, 0, 0.0385, 0},
    {"Adam", MLPBN_ADAM, 0, 0, 0, MLPBN_ALL_PARAMETERS},
    {"AdamW", MLPBN_ADAMW, 0, 0, 0, MLPBN_KIND_BIT(MLPBN_WEIGHT)},
    {"AdamW, clipped, all decayed", MLPBN_ADAMW, 0, 0, 0.0385, MLPBN_ALL_PARAMETERS},
    {"AdamW, bias and beta decayed", MLPBN_ADAMW, 0, 0, 0,
     MLPBN_KIND_BIT(MLPBN_BIAS) | MLPBN_KIND_BIT(MLPBN_BETA)},
};

/* What a method remembers, and a step of it as the header says, in double. */
struct formula {
    mlpbn_optimizer_options options;
    double *m, *s, *p;
    size_t n;
    int t;
};

static mlpbn_optimizer_options method_options(const struct method *method)
{
    mlpbn_optimizer_options options = MLPBN_OPTIMIZER_OPTIONS_INIT;
    options.kind = method->kind;
    options.momentum = method->momentum;
    options.nesterov = method->nesterov;
    options.clip_norm = method->clip_norm;
    options.decay_kinds = method->decay_kinds;
    options.beta1 = 0.831;
    options.beta2 = 0.9731;
    options.rho = 0.9173;
    options.eps = 2.385e-5;
    options.weight_decay = 0.385;
    return options;
}

static double clip(const struct formula *f, const double *g)
{
    double squares = 0;
    for (size_t i = 0; i < f->n; i++)
        squares += g[i] * g[i];
    return f->options.clip_norm > 0
               ? fmin(1, f->options.clip_norm / (sqrt(squares) + 1e-6))
               : 1;
}

/* The new value of parameter i. */
static double moved(struct formula *f, size_t i, double g, double rate, int is_decayed)
{
    const mlpbn_optimizer_options *o = &f->options;
    double *m = f->m + i, *s = f->s + i, p = f->p[i];
    switch (o->kind) {
    case MLPBN_SGD:
        *m = o->momentum * *m + g;
        return p - rate * (o->nesterov ? g + o->momentum * *m : *m);
    case MLPBN_RMSPROP:
        *s = o->rho * *s + (1 - o->rho) * g * g;
        *m = o->momentum * *m + g / (sqrt(*s) + o->eps);
        return p - rate * *m;
    case MLPBN_ADAMW:
        if (is_decayed)
            p *= 1 - rate * o->weight_decay;
        /* fall through */
    case MLPBN_ADAM:
        *m = o->beta1 * *m + (1 - o->beta1) * g;
        *s = o->beta2 * *s + (1 - o->beta2) * g * g;
        return p - rate / (1 - pow(o->beta1, f->t)) * *m /
                       (sqrt(*s / (1 - pow(o->beta2, f->t))) + o->eps);
    }
    return p;
}

static void follow(struct formula *f, const mlpbn_network *network, const double *g,
                   double rate)
{
    const double factor = clip(f, g);
    f->t++;
    for (size_t t = 0; t < mlpbn_network_tensors(network); t++) {
        const mlpbn_tensor tensor = api_describe(network, t);
        const int is_decayed =
            (f->options.decay_kinds & MLPBN_KIND_BIT(tensor.kind)) != 0;
        const size_t size = tensor.is_parameter ? tensor.rows * tensor.stride : 0;
        for (size_t i = tensor.offset; i < tensor.offset + size; i++)
            f->p[i] = moved(f, i, factor * g[i], rate, is_decayed);
    }
}

static void get_gradient(struct world *w, int step)
{
    const mlpbn_loss_options loss = api_loss_options(MLPBN_SOFTMAX_CROSS_ENTROPY, 0.0173);
    w->data.rows.n = WORLD_ROWS - (size_t)step % 3;
    OK(mlpbn_gradient(w->network, w->workspace, &w->data.rows, &loss, NULL));
}

/* Several steps with a rate that changes; the memory is followed in double over all. */
static void check_method(mlpbn_dtype dtype, const struct method *method)
{
    enum { STEPS = 6 };
    struct formula f = {.options = method_options(method)};
    mlpbn_optimizer *optimizer;
    struct world w;
    world_make(&w, dtype);
    OK(mlpbn_optimizer_create(&optimizer, w.network, &f.options));
    f.p = api_parameters(w.network, &f.n);
    f.m = api_alloc(f.n, sizeof *f.m);
    f.s = api_alloc(f.n, sizeof *f.s);

    for (int step = 0; step < STEPS; step++) {
        const double rate =
            step == 3 ? 0 : 0.0385 * (1 + step); /* step 3 moves the memory alone */
        OK(mlpbn_optimizer_set_learning_rate(optimizer, rate));
        get_gradient(&w, step);
        double *g = api_gradients(w.network, w.workspace, &f.n);
        OK(mlpbn_optimizer_step(optimizer, w.network, w.workspace));
        follow(&f, w.network, g, rate);
        double *got = api_parameters(w.network, &f.n);
        /* A few roundings of p and of what moves it a step, all of size 1 or less. */
        api_assert_close(got, f.p, f.n,
                         5 * (step + 1) * api_epsilon(dtype) * api_largest(f.p, f.n),
                         method->name);
        free(g);
        free(got);
    }
    free(f.p);
    free(f.m);
    free(f.s);
    mlpbn_optimizer_destroy(optimizer);
    world_free(&w);
}

START_TEST(steps_follow_their_formula)
{
    for (size_t d = 0; d < N_DTYPES; d++)
        check_method(api_dtypes[d], &methods[_i]);
}
END_TEST

/* Gradients so large, or an eps so small, that no proof is to be had beforehand: the step
 * is tried first, and taken all the same; or it overflows, and nothing changes. */
START_TEST(steps_without_proof_follow_it_too)
{
    const struct method *method = &methods[_i];
    const int squares = method->kind != MLPBN_SGD;
    struct formula f = {.options = method_options(method)};
    mlpbn_optimizer *optimizer;
    struct world w;
    if (method->clip_norm > 0)
        return;
    world_make(&w, MLPBN_F32);
    f.options.eps = 2.385e-30;
    OK(mlpbn_optimizer_create(&optimizer, w.network, &f.options));
    f.p = api_parameters(w.network, &f.n);
    f.m = api_alloc(f.n, sizeof *f.m);
    f.s = api_alloc(f.n, sizeof *f.s);
    const double rate = squares ? 0.0385 : 2.385e-31;
    OK(mlpbn_optimizer_set_learning_rate(optimizer, rate));
    get_gradient(&w, 0);
    scale_gradient(&w, squares ? 2.385e12 : 2.385e30);
    double *g = api_gradients(w.network, w.workspace, &f.n);
    OK(mlpbn_optimizer_step(optimizer, w.network, w.workspace));
    follow(&f, w.network, g, rate);
    double *got = api_parameters(w.network, &f.n);
    api_assert_close(got, f.p, f.n, 16 * api_epsilon(MLPBN_F32) * api_largest(f.p, f.n),
                     method->name);

    struct snapshot before = snapshot_take(w.network);
    OK(mlpbn_optimizer_set_learning_rate(optimizer, 2.385e30));
    get_gradient(&w, 0);
    scale_gradient(&w, squares ? 2.385e25 : 2.385e30);
    FAILS(MLPBN_ENONFINITE, "overflow",
          mlpbn_optimizer_step(optimizer, w.network, w.workspace));
    snapshot_assert(&before, w.network, "network after a refused step");
    snapshot_free(&before);
    /* The memory is what it was: the next step is the second. */
    OK(mlpbn_optimizer_set_learning_rate(optimizer, rate));
    get_gradient(&w, 1);
    free(g);
    g = api_gradients(w.network, w.workspace, &f.n);
    OK(mlpbn_optimizer_step(optimizer, w.network, w.workspace));
    follow(&f, w.network, g, rate);
    free(got);
    got = api_parameters(w.network, &f.n);
    api_assert_close(got, f.p, f.n, 32 * api_epsilon(MLPBN_F32) * api_largest(f.p, f.n),
                     method->name);
    free(g);
    free(got);
    free(f.p);
    free(f.m);
    free(f.s);
    mlpbn_optimizer_destroy(optimizer);
    world_free(&w);
}
END_TEST

START_TEST(a_norm_that_overflows_is_an_error)
{
    mlpbn_optimizer_options options = MLPBN_OPTIMIZER_OPTIONS_INIT;
    mlpbn_optimizer *optimizer;
    struct world w;
    options.clip_norm = 2.385;
    world_make(&w, MLPBN_F64);
    OK(mlpbn_optimizer_create(&optimizer, w.network, &options));
    get_gradient(&w, 0);
    scale_gradient(&w, 2.385e200);
    struct snapshot before = snapshot_take(w.network);
    FAILS(MLPBN_ENONFINITE, "norm",
          mlpbn_optimizer_step(optimizer, w.network, w.workspace));
    snapshot_assert(&before, w.network, "network");
    snapshot_free(&before);
    mlpbn_optimizer_destroy(optimizer);
    world_free(&w);
}
END_TEST

/* Rate 0 leaves every parameter alone, and commits statistics all the same. */
START_TEST(a_rate_of_zero_moves_nothing)
{
    struct world w;
    size_t n;
    world_make(&w, api_dtypes[_i]);
    double *before = api_parameters(w.network, &n);
    const mlpbn_batchnorm *batchnorm =
        mlpbn_layer_batchnorm(mlpbn_network_layer(w.network, 0));
    const uint64_t batches = mlpbn_batchnorm_batches(batchnorm);

    OK(mlpbn_optimizer_set_learning_rate(w.optimizer, 0));
    OK(mlpbn_train_step(w.network, w.optimizer, w.workspace, &w.data.rows, NULL, NULL));
    double *after = api_parameters(w.network, &n);
    api_assert_close(after, before, n, 0, "parameters");
    ck_assert_uint_eq(mlpbn_batchnorm_batches(batchnorm), batches + 1);
    free(before);
    free(after);
    world_free(&w);
}
END_TEST

/* --- The gradient as it now is ------------------------------------------------------ */

/* A gradient that the caller has clipped is the one that counts. */
START_TEST(a_step_takes_what_the_caller_left)
{
    struct world w;
    size_t n;
    world_make(&w, api_dtypes[_i]);
    mlpbn_optimizer *plain = api_optimizer(w.network, 0.731, 0, 0);
    double *p = api_parameters(w.network, &n);

    OK(mlpbn_gradient(w.network, w.workspace, &w.data.rows, NULL, NULL));
    double *g = api_gradients(w.network, w.workspace, &n);
    scale_gradient(&w, 0.25); /* exact */
    OK(mlpbn_optimizer_step(plain, w.network, w.workspace));
    double *got = api_parameters(w.network, &n);
    for (size_t i = 0; i < n; i++)
        p[i] -= 0.731 * (0.25 * g[i]);
    api_assert_close(got, p, n, 2 * api_epsilon(api_dtypes[_i]) * api_largest(p, n),
                     "parameters");
    free(p);
    free(g);
    free(got);
    mlpbn_optimizer_destroy(plain);
    world_free(&w);
}
END_TEST

/* --- An optimizer of another network ------------------------------------------------ */

static void assert_stranger(struct world *w, mlpbn_optimizer *optimizer)
{
    mlpbn_metrics metrics = api_metrics();
    const mlpbn_metrics empty = metrics;

    OK(mlpbn_gradient(w->network, w->workspace, &w->data.rows, NULL, NULL));
    FAILS(MLPBN_EMISMATCH, "optimizer|mlpbn_optimizer_create",
          mlpbn_optimizer_step(optimizer, w->network, w->workspace));
    FAILS(MLPBN_EMISMATCH, "optimizer",
          mlpbn_train_step(w->network, optimizer, w->workspace, &w->data.rows, NULL,
                           &metrics));
    api_assert_same(&metrics, &empty, sizeof metrics, "metrics");
}

START_TEST(an_optimizer_of_another_network_is_refused)
{
    struct world w, other, untouched;

    world_make(&w, api_dtypes[_i]);
    world_make(&other, api_dtypes[_i]);
    world_make(&untouched, api_dtypes[_i]);
    assert_stranger(&w, other.optimizer);
    world_assert_twins(&w, &untouched);
    world_free(&w);
    world_free(&other);
    world_free(&untouched);
}
END_TEST

/* A network of the same shape, quite likely at the same address. */
START_TEST(an_optimizer_of_a_destroyed_network_is_refused)
{
    struct world w;

    world_make(&w, api_dtypes[_i]);
    mlpbn_optimizer *old = w.optimizer;
    w.optimizer = NULL;
    world_free(&w);
    world_make(&w, api_dtypes[_i]);
    assert_stranger(&w, old);
    mlpbn_optimizer_destroy(old);
    world_free(&w);
}
END_TEST

Suite *optimizer_suite(void)
{
    TCase *tests;
    Suite *suite = api_suite("optimizer", &tests);
    tcase_add_loop_test(tests, create_refuses_bad_options, 0, LENGTH(bad_options));
    tcase_add_test(tests, create_refuses_null);
    tcase_add_test(tests, the_learning_rate_is_set_and_told);
    tcase_add_loop_test(tests, steps_follow_their_formula, 0, LENGTH(methods));
    tcase_add_loop_test(tests, steps_without_proof_follow_it_too, 0, LENGTH(methods));
    tcase_add_test(tests, a_norm_that_overflows_is_an_error);
    tcase_add_loop_test(tests, a_rate_of_zero_moves_nothing, 0, N_DTYPES);
    tcase_add_loop_test(tests, a_step_takes_what_the_caller_left, 0, N_DTYPES);
    tcase_add_loop_test(tests, an_optimizer_of_another_network_is_refused, 0, N_DTYPES);
    tcase_add_loop_test(tests, an_optimizer_of_a_destroyed_network_is_refused, 0,
                        N_DTYPES);
    return suite;
}
