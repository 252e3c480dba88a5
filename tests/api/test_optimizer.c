/* Optimizers: their formulae, the learning rate, what they refuse. */
#include "api_helpers.h"

/* --- Creation ----------------------------------------------------------------------- */

/* Single options out of range are in test_structs.c. */
TEST(create_refuses_null_and_combinations)
{
    const struct setup s = setup_default(MLPBN_F32);
    mlpbn_optimizer_options bad = MLPBN_OPTIMIZER_OPTIONS_INIT, coarse = bad;
    mlpbn_optimizer *optimizer = api_untouched();
    INVALID("optimizer|NULL", mlpbn_optimizer_create(NULL, s.network, NULL));
    INVALID("network|NULL", mlpbn_optimizer_create(&optimizer, NULL, NULL));
    bad.kind = MLPBN_RMSPROP;
    bad.momentum = 0.873;
    bad.nesterov = 1;
    INVALID("nesterov|MLPBN_SGD", mlpbn_optimizer_create(&optimizer, s.network, &bad));
    bad.kind = MLPBN_SGD;
    bad.nesterov = 2;
    INVALID("nesterov", mlpbn_optimizer_create(&optimizer, s.network, &bad));
    coarse.momentum = 1 - 1e-9; /* 1 in float: a velocity that never fades */
    INVALID("momentum", mlpbn_optimizer_create(&optimizer, s.network, &coarse));
    api_create_optimizer(setup_default(MLPBN_F64).network, &coarse);
    coarse.momentum = 0;
    coarse.eps = 2.385e-60;
    INVALID("eps|2.385e-60", mlpbn_optimizer_create(&optimizer, s.network, &coarse));
    coarse.eps = 2.385e60; /* infinite in float: no step would move anything */
    INVALID("eps|2.385e+60", mlpbn_optimizer_create(&optimizer, s.network, &coarse));
    ck_assert_ptr_eq(optimizer, api_untouched());
}

/* Options that some kinds of optimizers use, and values besides their defaults. */
static const struct partial_option {
    struct bad_field field;
    unsigned users; /* bits 1 << kind */
} partial_options[] = {
#define PARTIAL(field, kind, users, ...)                                                 \
    {                                                                                    \
        BAD_FIELD(optimizer_options, field, kind, #field "|no effect|default",           \
                  __VA_ARGS__),                                                          \
            users                                                                        \
    }
    PARTIAL(momentum, REAL, 1 << MLPBN_SGD | 1 << MLPBN_RMSPROP, 0.873),
    PARTIAL(beta1, REAL, 1 << MLPBN_ADAM | 1 << MLPBN_ADAMW, 0.831),
    PARTIAL(beta2, REAL, 1 << MLPBN_ADAM | 1 << MLPBN_ADAMW, 0.9731),
    PARTIAL(rho, REAL, 1 << MLPBN_RMSPROP, 0.9173),
    PARTIAL(eps, REAL, 1 << MLPBN_RMSPROP | 1 << MLPBN_ADAM | 1 << MLPBN_ADAMW, 2.385e-7),
    /* 0.01 is what the default stands for: it would decay nothing either. */
    PARTIAL(weight_decay, REAL, 1 << MLPBN_ADAMW, 0.01, 0.0385),
    PARTIAL(decay_kinds, UNTOLD, 1 << MLPBN_ADAMW, MLPBN_KIND_BIT(MLPBN_BIAS),
            MLPBN_ALL_PARAMETERS),
};

/* Option _i / 5 with kind _i % 5 (0 is none). */
LOOP_TEST(options_without_effect_are_refused,
          LENGTH(partial_options) * MLPBN__OPTIMIZER_KIND_END)
{
    const struct partial_option *option =
        partial_options + _i / MLPBN__OPTIMIZER_KIND_END;
    const int kind = _i % MLPBN__OPTIMIZER_KIND_END;
    const mlpbn_network *network = setup_default(MLPBN_F64).network;
    for (size_t i = 0; kind > 0 && i < option->field.n; i++) {
        mlpbn_optimizer_options options = MLPBN_OPTIMIZER_OPTIONS_INIT;
        mlpbn_optimizer *optimizer = api_untouched();
        const char *words = api_spoil(&options, &option->field, i);
        options.kind = (mlpbn_optimizer_kind)kind;
        if (option->users & 1u << kind) {
            api_create_optimizer(network, &options);
        } else {
            INVALID(words, mlpbn_optimizer_create(&optimizer, network, &options));
            ck_assert_ptr_eq(optimizer, api_untouched());
        }
        memset((char *)&options + option->field.offset, 0,
               option->field.type == BAD_UNTOLD ? sizeof(unsigned) : sizeof(double));
        options.eps = 1e-8;
        if (kind != MLPBN_ADAMW) /* 0 is no mistake, but for decay_kinds */
            api_create_optimizer(network, &options);
    }
}

LOOP_TEST(decay_kinds_are_bits, 8)
{
    static const unsigned wrong[] = {
        /* kinds and their sums where bits are meant */
        MLPBN_WEIGHT, MLPBN_BIAS, MLPBN_GAMMA, MLPBN_BETA, MLPBN_GAMMA | MLPBN_BETA,
        /* what is no kind of parameter, and none */
        MLPBN_KIND_BIT(MLPBN_RUNNING_VAR), MLPBN_KIND_BIT(MLPBN_BIAS) | MLPBN_BIAS, 0};
    const struct setup s = setup_default(MLPBN_F32);
    mlpbn_optimizer_options options = MLPBN_OPTIMIZER_OPTIONS_INIT;
    mlpbn_loss_options loss = MLPBN_LOSS_OPTIONS_INIT;
    mlpbn_optimizer *optimizer = api_untouched();
    options.kind = MLPBN_ADAMW;
    options.decay_kinds = loss.penalty_kinds = wrong[_i];
    loss.lambda = 0.0385;
    INVALID("decay_kinds|MLPBN_KIND_BIT(MLPBN_WEIGHT)",
            mlpbn_optimizer_create(&optimizer, s.network, &options));
    INVALID("penalty_kinds|MLPBN_KIND_BIT(MLPBN_WEIGHT)",
            mlpbn_gradient(s.network, s.workspace, &s.rows, &loss, NULL));
    ck_assert_ptr_eq(optimizer, api_untouched());
    options.weight_decay = loss.lambda = 0; /* then an empty set is no mistake */
    if (wrong[_i] == 0) {
        api_create_optimizer(s.network, &options);
        OK(mlpbn_gradient(s.network, s.workspace, &s.rows, &loss, NULL));
    }
}

LOOP_TEST(the_default_learning_rate_is_that_of_the_kind, LAST_OPTIMIZER)
{
    static const double rates[] = {0.01, 0.01, 0.001, 0.001};
    const mlpbn_network *network = setup_default(MLPBN_F32).network;
    mlpbn_optimizer_options options = MLPBN_OPTIMIZER_OPTIONS_INIT;
    options.kind = (mlpbn_optimizer_kind)(_i + 1);
    mlpbn_optimizer *optimizer = api_create_optimizer(network, &options);
    ck_assert(mlpbn_optimizer_learning_rate(optimizer) == rates[_i]);
}

TEST(the_learning_rate_is_set_and_told)
{
    static const double bad[] = {-0.0385, API_NAN, HUGE_VAL, -HUGE_VAL, -1};
    mlpbn_optimizer *optimizer =
        api_create_optimizer(setup_default(MLPBN_F32).network, NULL);
    ck_assert(mlpbn_optimizer_learning_rate(optimizer) == (double)0.01);
    OK(mlpbn_optimizer_set_learning_rate(optimizer, 2.385));
    ck_assert(mlpbn_optimizer_learning_rate(optimizer) == (double)2.385);
    for (size_t i = 0; i < LENGTH(bad); i++) {
        INVALID("rate", mlpbn_optimizer_set_learning_rate(optimizer, bad[i]));
        ck_assert(mlpbn_optimizer_learning_rate(optimizer) == (double)2.385);
    }
    INVALID("optimizer|NULL", mlpbn_optimizer_set_learning_rate(NULL, 0.1));
    OK(mlpbn_optimizer_set_learning_rate(optimizer, 0));
    ck_assert(mlpbn_optimizer_learning_rate(optimizer) == 0);
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

TEST(every_kind_has_a_formula)
{
    for (size_t kind = 1; kind <= LAST_OPTIMIZER; kind++) {
        size_t i = 0;
        while (i < LENGTH(methods) && methods[i].kind != kind)
            i++;
        ck_assert_msg(i < LENGTH(methods), "no case for optimizer %zu", kind);
    }
}

/* A setup and its optimizer; what the method remembers and the parameters, in double, by
 * the header's formula. */
struct formula {
    struct setup s;
    mlpbn_optimizer_options options;
    double *m, *v, *p;
    int t;
};

static struct formula formula_of(const struct method *method, mlpbn_dtype dtype,
                                 double eps)
{
    struct formula f = {.s = setup_default(dtype)};
    f.options =
        OPTIONS(optimizer, .kind = method->kind, .momentum = method->momentum,
                .nesterov = method->nesterov, .beta1 = 0.831, .beta2 = 0.9731,
                .rho = 0.9173, .eps = eps, .weight_decay = 0.385,
                .decay_kinds = method->decay_kinds, .clip_norm = method->clip_norm);
    api_drop_unused(&f.options);
    f.s.optimizer = api_create_optimizer(f.s.network, &f.options);
    f.p = api_parameters(f.s.network);
    f.m = api_alloc(api_length(f.p), sizeof *f.m);
    f.v = api_alloc(api_length(f.p), sizeof *f.v);
    return f;
}

static double clip(const struct formula *f, const double *g)
{
    double squares = 0;
    for (size_t i = 0; i < api_length(g); i++)
        squares += g[i] * g[i];
    return f->options.clip_norm > 0
               ? fmin(1, f->options.clip_norm / (sqrt(squares) + 1e-6))
               : 1;
}

/* The new value of parameter i. */
static double moved(struct formula *f, size_t i, double g, double rate, int is_decayed)
{
    const mlpbn_optimizer_options *o = &f->options;
    double *m = f->m + i, *v = f->v + i, p = f->p[i];
    switch (o->kind) {
    case MLPBN_SGD:
        *m = o->momentum * *m + g;
        return p - rate * (o->nesterov ? g + o->momentum * *m : *m);
    case MLPBN_RMSPROP:
        *v = o->rho * *v + (1 - o->rho) * g * g;
        *m = o->momentum * *m + g / (sqrt(*v) + o->eps);
        return p - rate * *m;
    case MLPBN_ADAMW:
        if (is_decayed)
            p *= 1 - rate * o->weight_decay;
        /* fall through */
    case MLPBN_ADAM:
        *m = o->beta1 * *m + (1 - o->beta1) * g;
        *v = o->beta2 * *v + (1 - o->beta2) * g * g;
        return p - rate / (1 - pow(o->beta1, f->t)) * *m /
                       (sqrt(*v / (1 - pow(o->beta2, f->t))) + o->eps);
    }
    ck_abort_msg("no formula for optimizer %d", (int)o->kind);
    return p;
}

static void get_gradient(struct setup *s, int step)
{
    const mlpbn_loss_options loss = api_loss_options(MLPBN_SOFTMAX_CROSS_ENTROPY, 0.0173);
    s->rows.n = SETUP_ROWS - (size_t)step % 3;
    OK(mlpbn_gradient(s->network, s->workspace, &s->rows, &loss, NULL));
}

static void scale_gradient(const struct setup *s, double factor)
{
    const double *g = api_gradients(s->network, s->workspace);
    void *in_place = api_gradients_in_place(s->network, s->workspace);
    for (size_t i = 0; i < api_length(g); i++)
        api_store(in_place, mlpbn_network_dtype(s->network), i, g[i] * factor);
}

/* A step by the gradient of the workspace, and by the formula: within so many epsilons. */
static void check_step(struct formula *f, double rate, double epsilons)
{
    const mlpbn_network *network = f->s.network;
    const double *g = api_gradients(network, f->s.workspace);
    const double factor = clip(f, g);
    OK(mlpbn_optimizer_set_learning_rate(f->s.optimizer, rate));
    OK(setup_update(&f->s));
    f->t++;
    for (size_t t = 0; t < mlpbn_network_n_tensors(network); t++) {
        const mlpbn_tensor tensor = api_describe(network, t);
        const int is_decayed =
            (f->options.decay_kinds & MLPBN_KIND_BIT(tensor.kind)) != 0;
        const size_t size = tensor.is_parameter ? tensor.rows * tensor.stride : 0;
        for (size_t i = tensor.offset; i < tensor.offset + size; i++)
            f->p[i] = moved(f, i, factor * g[i], rate, is_decayed);
    }
    api_assert_close_arrays(api_parameters(f->s.network), f->p,
                            epsilons * api_epsilon(mlpbn_network_dtype(network)) *
                                api_largest(f->p),
                            "parameters");
}

/* Several steps with a rate that changes; the memory is followed in double over all. */
LOOP_DTYPE_TEST(steps_follow_their_formula, LENGTH(methods))
{
    enum { STEPS = 6 };
    const struct method *method = &methods[_i];
    struct formula f = formula_of(method, dtype, 2.385e-5);
    api_case(method->name, "");
    for (int i = 0; i < STEPS; i++) {
        get_gradient(&f.s, i);
        /* Step 3 moves the memory alone. A few roundings of p and of what moves it in each
         * step, all of size 1 or less. */
        check_step(&f, i == 3 ? 0 : 0.0385 * (1 + i), 5 * (i + 1));
    }
}

/* Gradients so large, or an eps so small, that no proof is to be had beforehand: the step
 * is tried first, and taken all the same; or it overflows, and nothing changes. */
LOOP_TEST(steps_without_proof_follow_it_too, LENGTH(methods))
{
    const struct method *method = &methods[_i];
    const int squares = method->kind != MLPBN_SGD;
    const double rate = squares ? 0.0385 : 2.385e-31;
    struct formula f = formula_of(method, MLPBN_F32, 2.385e-30);
    if (method->clip_norm > 0)
        return;
    api_case(method->name, "");
    get_gradient(&f.s, 0);
    scale_gradient(&f.s, squares ? 2.385e12 : 2.385e30);
    check_step(&f, rate, 16);

    const struct snapshot before = snapshot_take(f.s.network);
    OK(mlpbn_optimizer_set_learning_rate(f.s.optimizer, 2.385e30));
    get_gradient(&f.s, 0);
    scale_gradient(&f.s, squares ? 2.385e25 : 2.385e30);
    NONFINITE("overflow", setup_update(&f.s));
    snapshot_assert(&before, f.s.network, "network after a refused step");
    /* The memory is what it was: the next step is the second. */
    get_gradient(&f.s, 1);
    check_step(&f, rate, 32);
}

/* Squares overflow at 1e200, the norm does not: p moves by rate times clip_norm in the direction
 * of the gradient. At nearly the largest number the norm of a few gradients overflows, too. */
TEST(a_norm_whose_squares_overflow)
{
    const double rate = 0.0385, clip_norm = 2.385;
    mlpbn_optimizer_options options = MLPBN_OPTIMIZER_OPTIONS_INIT;
    struct setup s = setup_default(MLPBN_F64);
    options.clip_norm = clip_norm;
    options.learning_rate = rate;
    s.optimizer = api_create_optimizer(s.network, &options);
    get_gradient(&s, 0);
    const double *g = api_gradients(s.network, s.workspace);
    double *p = api_parameters(s.network), squares = 0;
    const size_t n = api_length(g);
    for (size_t i = 0; i < n; i++)
        squares += g[i] * g[i];
    for (size_t i = 0; i < n; i++)
        p[i] -= rate * clip_norm * g[i] / sqrt(squares);
    scale_gradient(&s, 0x1p664);
    OK(setup_update(&s));
    api_assert_close_arrays(api_parameters(s.network), p, 16 * DBL_EPSILON, "parameters");

    get_gradient(&s, 0);
    double *huge = api_gradients_in_place(s.network, s.workspace);
    huge[0] = huge[1] = 0.9 * DBL_MAX;
    const struct snapshot before = snapshot_take(s.network);
    NONFINITE("norm", setup_update(&s));
    snapshot_assert(&before, s.network, "network");
}

/* Rate 0 leaves every parameter alone, and commits statistics all the same. A gradient that
 * the caller has clipped is the one that counts. */
DTYPE_TEST(a_step_takes_the_rate_and_the_callers_gradient)
{
    struct setup s = setup_default(dtype);
    const mlpbn_batchnorm *batchnorm = api_batchnorm(s.network, 0);
    const uint64_t batches = mlpbn_batchnorm_batches(batchnorm);
    double *p = api_parameters(s.network);
    const size_t n = api_length(p);
    OK(mlpbn_optimizer_set_learning_rate(s.optimizer, 0));
    setup_step(&s, NULL);
    api_assert_close_arrays(api_parameters(s.network), p, 0, "parameters");
    ck_assert_uint_eq(mlpbn_batchnorm_batches(batchnorm), batches + 1);

    s.optimizer = api_optimizer(s.network, 0.731, 0, 0);
    const double *g = setup_gradient(&s, NULL);
    scale_gradient(&s, 0.25); /* exact */
    OK(setup_update(&s));
    for (size_t i = 0; i < n; i++)
        p[i] -= 0.731 * (0.25 * g[i]);
    api_assert_close_arrays(api_parameters(s.network), p,
                            2 * api_epsilon(dtype) * api_largest(p), "parameters");
}
