/* Structs that programs hand over. Of an older or a newer header they are shorter or longer
 * than those that this library knows; and fields may be out of their range. */
#include "api_calls.h"
#include "file_helpers.h"

enum { TAIL = 24, ROOM = 256, FOREIGN = 0xFF };

/* Any of the structs, with room behind it. */
union object {
    size_t struct_size;
    max_align_t aligned;
    unsigned char bytes[ROOM];
};

/* --- How each struct is made and used ----------------------------------------------- */

/* By its function and by its macro. */
#define INIT(type, ...)                                                                  \
    static mlpbn_status init_##type(void *object, size_t size)                           \
    {                                                                                    \
        return mlpbn_##type##_init(object, size);                                        \
    }                                                                                    \
    static const mlpbn_##type macro_##type = __VA_ARGS__;

INIT(rows, MLPBN_ROWS_INIT(NULL, MLPBN_NO_DTYPE, 0, 0))
INIT(network_options, MLPBN_NETWORK_OPTIONS_INIT(0))
INIT(layer_options, MLPBN_LAYER_OPTIONS_INIT(0, MLPBN_RELU))
INIT(batchnorm_options, MLPBN_BATCHNORM_OPTIONS_INIT)
INIT(workspace_options, MLPBN_WORKSPACE_OPTIONS_INIT)
INIT(optimizer_options, MLPBN_OPTIMIZER_OPTIONS_INIT)
INIT(sampler_options, MLPBN_SAMPLER_OPTIONS_INIT)
INIT(loss_options, MLPBN_LOSS_OPTIONS_INIT)
INIT(gradcheck_options, MLPBN_GRADCHECK_OPTIONS_INIT)
INIT(gradcheck_result, MLPBN_GRADCHECK_RESULT_INIT)
INIT(metrics, MLPBN_METRICS_INIT)
INIT(class_averages, MLPBN_CLASS_AVERAGES_INIT)
INIT(tensor, MLPBN_TENSOR_INIT)
INIT(load_options, MLPBN_LOAD_OPTIONS_INIT)
INIT(checkpoint, MLPBN_CHECKPOINT_INIT)
INIT(fold_options, MLPBN_FOLD_OPTIONS_INIT)
INIT(fold_report, MLPBN_FOLD_REPORT_INIT)
INIT(fit_options, MLPBN_FIT_OPTIONS_INIT)
INIT(fit_record, MLPBN_FIT_RECORD_INIT)
INIT(constant_schedule_options, MLPBN_CONSTANT_SCHEDULE_OPTIONS_INIT(0))
INIT(step_schedule_options, MLPBN_STEP_SCHEDULE_OPTIONS_INIT(0, 0))
INIT(exponential_schedule_options, MLPBN_EXPONENTIAL_SCHEDULE_OPTIONS_INIT(0, 0))
INIT(cosine_schedule_options, MLPBN_COSINE_SCHEDULE_OPTIONS_INIT(0, 0))
INIT(one_cycle_schedule_options, MLPBN_ONE_CYCLE_SCHEDULE_OPTIONS_INIT(0, 0))
INIT(warmup_schedule_options, MLPBN_WARMUP_SCHEDULE_OPTIONS_INIT(0, NULL, NULL))
INIT(plateau_options, MLPBN_PLATEAU_OPTIONS_INIT)
INIT(plateau, MLPBN_PLATEAU_INIT)

/* Functions that hand the object to a call; or to one that makes something, which is
 * destroyed again. */
#define USE(name, call)                                                                  \
    static mlpbn_status use_##name(void *object, const struct setup *s)                  \
    {                                                                                    \
        (void)s;                                                                         \
        return call;                                                                     \
    }
/* MAKE derives the call that destroys a mlpbn_TYPE from the type; one has another name. */
#define mlpbn_gradcheck_report_destroy mlpbn_gradcheck_destroy
#define MAKE(name, type, call)                                                           \
    static mlpbn_status use_##name(void *object, const struct setup *s)                  \
    {                                                                                    \
        mlpbn_##type *made = api_untouched();                                            \
        (void)s;                                                                         \
        const mlpbn_status status = call;                                                \
        if (status)                                                                      \
            ck_assert_ptr_eq(made, api_untouched());                                     \
        else                                                                             \
            mlpbn_##type##_destroy(made);                                                \
        return status;                                                                   \
    }

static const mlpbn_network_options five_inputs = MLPBN_NETWORK_OPTIONS_INIT(5);
static const mlpbn_layer_options three_units = MLPBN_LAYER_OPTIONS_INIT(3, MLPBN_RELU);

static mlpbn_status create_with_batchnorm(mlpbn_network **network,
                                          const mlpbn_batchnorm_options *batchnorm)
{
    mlpbn_layer_options layer = three_units;
    layer.batchnorm = batchnorm;
    return mlpbn_network_create(network, &five_inputs, &layer, 1);
}

MAKE(network_options, network, mlpbn_network_create(&made, object, &three_units, 1))
MAKE(layer_options, network, mlpbn_network_create(&made, &five_inputs, object, 1))
MAKE(batchnorm_options, network, create_with_batchnorm(&made, object))
MAKE(workspace_options, workspace, mlpbn_workspace_create(&made, s->network, object))
MAKE(optimizer_options, optimizer, mlpbn_optimizer_create(&made, s->network, object))
MAKE(sampler_options, sampler, mlpbn_sampler_create(&made, &s->rows, object))
USE(loss_options, call_rows(GRADIENT, s, &s->rows, object))
USE(loss_options_of_step, call_rows(TRAIN_STEP, s, &s->rows, object))
USE(loss_options_of_evaluation, call_rows(EVALUATE, s, &s->rows, object))
USE(metrics, mlpbn_evaluate(s->network, s->workspace, &s->rows, NULL, object))
USE(metrics_of_gradient, mlpbn_gradient(s->network, s->workspace, &s->rows, NULL, object))
USE(class_averages, mlpbn_precision_recall_f1((const double[]){3, 1, 2, 5}, 2, NULL, NULL,
                                              NULL, NULL, object))
/* reads every field */
USE(rows, mlpbn_gradient(s->network, s->workspace, object, &api_squares, NULL))
MAKE(rows_of_sampler, sampler, mlpbn_sampler_create(&made, object, NULL))
USE(batch, mlpbn_sampler_next(object, api_create_sampler(&s->rows, NULL)))
USE(tensor, mlpbn_network_tensor(object, s->network, 1))
USE(tensor_of_layer,
    mlpbn_layer_tensor(object, mlpbn_network_layer(s->network, 0), MLPBN_GAMMA))
USE(tensor_of_batchnorm,
    mlpbn_batchnorm_tensor(object, api_batchnorm(s->network, 0), MLPBN_GAMMA))
MAKE(gradcheck_options, gradcheck_report,
     mlpbn_gradcheck(&made, s->network, &s->rows, NULL, object))
USE(gradcheck_result, mlpbn_gradcheck_get(object, api_gradcheck(s, NULL, NULL), 1))
MAKE(fold_options, network, mlpbn_fold(&made, s->network, object, NULL))
MAKE(fold_report, network, mlpbn_fold(&made, s->network, NULL, object))

static mlpbn_status fit_with(const struct setup *s, const mlpbn_fit_options *options)
{
    mlpbn_network *network = api_clone(s->network, mlpbn_network_dtype(s->network));
    return mlpbn_fit(network, NULL, &s->rows, NULL, options, NULL);
}

static mlpbn_history *fit_history(const struct setup *s)
{
    const mlpbn_fit_options two =
        OPTIONS(fit, .epochs = 2, .batch = 5, .threads = 1, .monitor = MLPBN_MONITOR_LOSS,
                .on_nonfinite = MLPBN_NONFINITE_FAIL, .checkpoint_epochs = 1);
    mlpbn_network *network = api_clone(s->network, mlpbn_network_dtype(s->network));
    mlpbn_history *history = NULL;
    OK(mlpbn_fit(network, NULL, &s->rows, NULL, &two, &history));
    return own_history(history);
}

USE(fit_options, fit_with(s, object))
USE(fit_record, mlpbn_history_get(object, fit_history(s), 1))

static mlpbn_status load_with(mlpbn_network **loaded, const mlpbn_network *network,
                              const mlpbn_load_options *options)
{
    struct memory_file file = memory_save(network);
    return memory_load(loaded, &file, options);
}

static mlpbn_status save_checkpoint(const mlpbn_checkpoint *checkpoint)
{
    struct memory_file file = memory_file_new();
    const mlpbn_writer writer = memory_writer(&file);
    return mlpbn_checkpoint_save_to(checkpoint, &writer);
}

static mlpbn_status load_checkpoint(mlpbn_checkpoint *checkpoint, mlpbn_network *network)
{
    const mlpbn_checkpoint saved = {sizeof saved, network, NULL, NULL, NULL, 0};
    struct memory_file file = memory_save_checkpoint(&saved);
    return memory_load_checkpoint(checkpoint, &file);
}

/* A schedule fails by returning NaN; mlpbn_last_error tells of MLPBN_EINVAL only. */
static mlpbn_status call_schedule(mlpbn_schedule *schedule, const void *options)
{
    return isnan(schedule(options, 2)) ? MLPBN_EINVAL : MLPBN_OK;
}

static mlpbn_status update_plateau(const mlpbn_plateau_options *options)
{
    mlpbn_plateau state = MLPBN_PLATEAU_INIT;
    return mlpbn_plateau_update(&state, options, 2.385);
}

USE(constant_schedule_options, call_schedule(mlpbn_constant_schedule, object))
USE(step_schedule_options, call_schedule(mlpbn_step_schedule, object))
USE(exponential_schedule_options, call_schedule(mlpbn_exponential_schedule, object))
USE(cosine_schedule_options, call_schedule(mlpbn_cosine_schedule, object))
USE(one_cycle_schedule_options, call_schedule(mlpbn_one_cycle_schedule, object))
USE(warmup_schedule_options, call_schedule(mlpbn_warmup_schedule, object))
USE(plateau_options, update_plateau(object))
USE(plateau, mlpbn_plateau_update(object, NULL, 2.385))

MAKE(load_options, network, load_with(&made, s->network, object))
USE(checkpoint_saved, save_checkpoint(object))
USE(checkpoint_loaded, load_checkpoint(object, s->network))

/* last: offset of the last field. Filled with FOREIGN it is out of its range, where it
 * has one, so that a call that reads it past the caller's struct_size is found out. */
#define STRUCT(type, field, user, output)                                                \
    {                                                                                    \
#user, sizeof(mlpbn_##type), offsetof(mlpbn_##type, field),                      \
            sizeof macro_##type.field, init_##type, &macro_##type, use_##user, output    \
    }

/* Every field of these has no default, so that they cannot be shorter. */
#define WHOLE_STRUCT(type, user)                                                         \
    {                                                                                    \
#user, sizeof(mlpbn_##type), sizeof(mlpbn_##type), 0, init_##type,               \
            &macro_##type, use_##user, 0                                                 \
    }

static const struct versioned {
    const char *name;
    size_t size, last, last_size;
    mlpbn_status (*init)(void *object, size_t size);
    const void *by_macro;
    mlpbn_status (*use)(void *object, const struct setup *s);
    int is_output; /* filled by the library */
} structs[] = {
    STRUCT(network_options, seed, network_options, 0),
    STRUCT(layer_options, dropout, layer_options, 0),
    STRUCT(batchnorm_options, cumulative, batchnorm_options, 0),
    STRUCT(workspace_options, profile, workspace_options, 0),
    STRUCT(optimizer_options, clip_norm, optimizer_options, 0),
    STRUCT(sampler_options, last_batch, sampler_options, 0),
    STRUCT(loss_options, quantile, loss_options, 0),
    STRUCT(loss_options, quantile, loss_options_of_step, 0),
    STRUCT(loss_options, quantile, loss_options_of_evaluation, 0),
    STRUCT(gradcheck_options, inputs, gradcheck_options, 0),
    STRUCT(rows, weights, rows, 0),
    STRUCT(rows, weights, rows_of_sampler, 0),
    STRUCT(rows, weights, batch, 1),
    STRUCT(metrics, accuracy, metrics, 1),
    STRUCT(metrics, accuracy, metrics_of_gradient, 1),
    STRUCT(class_averages, weighted_f1, class_averages, 1),
    STRUCT(gradcheck_result, skip_layer, gradcheck_result, 1),
    STRUCT(tensor, data, tensor, 1),
    STRUCT(tensor, data, tensor_of_layer, 1),
    STRUCT(tensor, data, tensor_of_batchnorm, 1),
    STRUCT(load_options, self_test_tolerance, load_options, 0),
    STRUCT(checkpoint, state_size, checkpoint_saved, 0),
    STRUCT(checkpoint, state_size, checkpoint_loaded, 0),
    STRUCT(fold_options, tolerance, fold_options, 0),
    STRUCT(fold_report, rows, fold_report, 1),
    STRUCT(fit_options, checkpoint_epochs, fit_options, 0),
    STRUCT(fit_record, seconds, fit_record, 1),
    WHOLE_STRUCT(constant_schedule_options, constant_schedule_options),
    STRUCT(step_schedule_options, gamma, step_schedule_options, 0),
    WHOLE_STRUCT(exponential_schedule_options, exponential_schedule_options),
    STRUCT(cosine_schedule_options, min_rate, cosine_schedule_options, 0),
    /* three_phase, behind it, lies in the same 8 bytes. */
    STRUCT(one_cycle_schedule_options, annealing, one_cycle_schedule_options, 0),
    STRUCT(warmup_schedule_options, start_factor, warmup_schedule_options, 0),
    STRUCT(plateau_options, min_factor, plateau_options, 0),
    STRUCT(plateau, epochs, plateau, 0),
};

/* --- The _init functions ------------------------------------------------------------ */

static void assert_bytes(const unsigned char *bytes, size_t from, size_t to, int value,
                         const char *what)
{
    while (from < to && bytes[from] == value)
        from++;
    ck_assert_msg(from == to, "%s%s: byte %zu was written", api_case_name(), what, from);
}

LOOP_TEST(init_writes_defaults_of_its_size, LENGTH(structs))
{
    const struct versioned *type = &structs[_i];
    const size_t sizes[] = {type->size, type->last, type->size + TAIL};
    union object whole, object;
    api_case("init", type->name);
    for (size_t i = 0; i < LENGTH(sizes); i++) {
        const size_t known = sizes[i] < type->size ? sizes[i] : type->size;
        memset(&object, FOREIGN, sizeof object);
        memset(&whole, FOREIGN, sizeof whole);
        OK(type->init(&object, sizes[i]));
        OK(type->init(&whole, type->size));
        ck_assert_uint_eq(object.struct_size, sizes[i]);
        assert_bytes(object.bytes, sizes[i], ROOM, FOREIGN, "past struct_size");
        assert_bytes(object.bytes, known, sizes[i], 0, "unknown fields");
        if (type->is_output)
            assert_bytes(whole.bytes, sizeof(size_t), type->size, 0, "results");
        api_assert_same(object.bytes + sizeof(size_t), whole.bytes + sizeof(size_t),
                        known - sizeof(size_t), "defaults");
    }
    memset(&object, FOREIGN, sizeof object);
    INVALID("struct_size|0", type->init(&object, 0));
    INVALID("struct_size|1", type->init(&object, 1));
    INVALID("struct_size", type->init(&object, sizeof(size_t) - 1));
    INVALID("NULL", type->init(NULL, type->size));
    assert_bytes(object.bytes, 0, ROOM, FOREIGN, "after a failure");
    /* Macros initialize alike, up to what pads the end of a struct. */
    api_assert_same(whole.bytes, type->by_macro, type->last + type->last_size, "macro");
}

/* The macro sets the fields after struct_size to these values. */
#define ASSERT_DEFAULTS(type, ...)                                                       \
    do {                                                                                 \
        static const mlpbn_##type expected = {sizeof expected, __VA_ARGS__};             \
        api_assert_same(&macro_##type, &expected, sizeof expected, #type);               \
    } while (0)

TEST(defaults_are_the_documented_ones)
{
    ASSERT_DEFAULTS(network_options, .dtype = MLPBN_F32);
    ASSERT_DEFAULTS(layer_options, .activation = MLPBN_RELU, .bias = 1,
                    .init = MLPBN_INIT_HE, .init_sigma = 0.01,
                    .alpha = MLPBN_DEFAULT_ALPHA);
    ASSERT_DEFAULTS(batchnorm_options, .eps = 1e-5, .decay = 0.9,
                    .start_from_first_batch = 1, .affine = 1);
    ASSERT_DEFAULTS(workspace_options, .max_batch = 256, .mode = MLPBN_TRAIN,
                    .threads = 1);
    ASSERT_DEFAULTS(optimizer_options, .kind = MLPBN_SGD,
                    .learning_rate = MLPBN_DEFAULT_LEARNING_RATE, .beta1 = 0.9,
                    .beta2 = 0.999, .rho = 0.99, .eps = 1e-8,
                    .weight_decay = MLPBN_DEFAULT_WEIGHT_DECAY,
                    .decay_kinds = MLPBN_KIND_BIT(MLPBN_WEIGHT));
    ASSERT_DEFAULTS(sampler_options, .batch = 100, .shuffle = 1,
                    .last_batch = MLPBN_LAST_BATCH_DROP_SINGLE);
    ASSERT_DEFAULTS(loss_options, .loss = MLPBN_SOFTMAX_CROSS_ENTROPY,
                    .penalty = MLPBN_L2_SUM,
                    .penalty_kinds = MLPBN_KIND_BIT(MLPBN_WEIGHT), .huber_delta = 1,
                    .reduction = MLPBN_REDUCTION_WEIGHTED_MEAN,
                    .ignore_label = MLPBN_NO_IGNORE_LABEL, .quantile = 0.5);
    ASSERT_DEFAULTS(step_schedule_options, .gamma = 0.1);
    ASSERT_DEFAULTS(cosine_schedule_options, .cycle_multiplier = 1);
    ASSERT_DEFAULTS(one_cycle_schedule_options, .pct_start = 0.3, .div_factor = 25,
                    .final_div_factor = 1e4, .annealing = MLPBN_ANNEAL_COSINE);
    ASSERT_DEFAULTS(warmup_schedule_options, .start_factor = 1. / 3);
    ASSERT_DEFAULTS(plateau_options, .mode = MLPBN_PLATEAU_MIN,
                    .threshold_mode = MLPBN_THRESHOLD_RELATIVE, .factor = 0.1,
                    .patience = 10, .threshold = 1e-4);
    ASSERT_DEFAULTS(plateau, .factor = 1);
    /* And macros set what they are given. */
    static const float x[6] = {0.385f};
    const mlpbn_layer_options layer = MLPBN_LAYER_OPTIONS_INIT(3, MLPBN_IDENTITY);
    const mlpbn_rows rows = MLPBN_ROWS_INIT(x, MLPBN_F32, 3, 2);
    ck_assert_uint_eq(five_inputs.inputs, 5);
    ck_assert(layer.units == 3 && layer.activation == MLPBN_IDENTITY);
    ck_assert(rows.data == x && rows.dtype == MLPBN_F32 && rows.n == 3);
    ck_assert(rows.columns == 2 && rows.stride + rows.n_data == 0 && !rows.index);
    ck_assert(!rows.labels && !rows.targets && rows.target_dtype == MLPBN_NO_DTYPE);
}

/* --- The calls that take them ------------------------------------------------------- */

/* Copies the fields, and not the padding between them, which need not be defined. */
static void copy_rows(mlpbn_rows *to, const mlpbn_rows *from)
{
    to->n = from->n;
    to->data = from->data;
    to->dtype = from->dtype;
    to->columns = from->columns;
    to->stride = from->stride;
    to->index = from->index;
    to->n_data = from->n_data;
    to->labels = from->labels;
    to->targets = from->targets;
    to->target_dtype = from->target_dtype;
    to->target_columns = from->target_columns;
    to->target_stride = from->target_stride;
    to->weights = from->weights;
}

/* What fields without a default are set to, so that calls succeed. */
static const mlpbn_constant_schedule_options constant_rate =
    MLPBN_CONSTANT_SCHEDULE_OPTIONS_INIT(0.02385);
static const mlpbn_step_schedule_options staircase =
    MLPBN_STEP_SCHEDULE_OPTIONS_INIT(0.02385, 7);
static const mlpbn_exponential_schedule_options decay =
    MLPBN_EXPONENTIAL_SCHEDULE_OPTIONS_INIT(0.02385, 0.9385);
static const mlpbn_cosine_schedule_options cosine =
    MLPBN_COSINE_SCHEDULE_OPTIONS_INIT(0.02385, 7);
static const mlpbn_one_cycle_schedule_options one_cycle =
    MLPBN_ONE_CYCLE_SCHEDULE_OPTIONS_INIT(0.02385, 7);
static const mlpbn_warmup_schedule_options warmup =
    MLPBN_WARMUP_SCHEDULE_OPTIONS_INIT(7, mlpbn_constant_schedule, &constant_rate);

static const struct {
    const void *by_macro, *valid;
    size_t size;
} valid_structs[] = {
    {&macro_network_options, &five_inputs, sizeof five_inputs},
    {&macro_layer_options, &three_units, sizeof three_units},
    {&macro_constant_schedule_options, &constant_rate, sizeof constant_rate},
    {&macro_step_schedule_options, &staircase, sizeof staircase},
    {&macro_exponential_schedule_options, &decay, sizeof decay},
    {&macro_cosine_schedule_options, &cosine, sizeof cosine},
    {&macro_one_cycle_schedule_options, &one_cycle, sizeof one_cycle},
    {&macro_warmup_schedule_options, &warmup, sizeof warmup},
};

/* The struct as a program makes it whose header has `size` bytes of it; what lies behind
 * is the program's own. */
static union object make_object(const struct versioned *type, size_t size,
                                const struct setup *s)
{
    union object object = {0};
    OK(type->init(&object, type->size));
    if (type->by_macro == &macro_rows && !type->is_output)
        copy_rows((mlpbn_rows *)(void *)&object, &s->rows);
    for (size_t i = 0; i < LENGTH(valid_structs); i++)
        if (type->by_macro == valid_structs[i].by_macro)
            memcpy(&object, valid_structs[i].valid, valid_structs[i].size);
    object.struct_size = size;
    memset(object.bytes + size, FOREIGN, ROOM - size);
    return object;
}

LOOP_TEST(calls_read_no_more_than_struct_size, LENGTH(structs))
{
    const struct versioned *type = &structs[_i];
    const struct setup s = setup_default(MLPBN_F32);
    union object object = make_object(type, type->last, &s);
    api_case("short", type->name);
    OK(type->use(&object, &s));
    assert_bytes(object.bytes, type->last, ROOM, FOREIGN, "past struct_size");

    api_case("long", type->name);
    object = make_object(type, type->size + TAIL, &s);
    memset(object.bytes + type->size, 0, TAIL);
    OK(type->use(&object, &s));
    assert_bytes(object.bytes, type->size, type->size + TAIL, 0, "unknown fields");
    assert_bytes(object.bytes, type->size + TAIL, ROOM, FOREIGN, "past struct_size");

    api_case("unknown fields that are set", type->name);
    for (size_t i = 0; !type->is_output && i < TAIL; i += TAIL - 1) {
        object = make_object(type, type->size + TAIL, &s);
        memset(object.bytes + type->size, 0, TAIL);
        object.bytes[type->size + i] = 1;
        INVALID("", type->use(&object, &s));
    }

    api_case("no size", type->name);
    object = make_object(type, type->size, &s);
    object.struct_size = 0; /* never initialized, or zeroed */
    INVALID("struct_size|0", type->use(&object, &s));
    object.struct_size = 3;
    INVALID("struct_size|3", type->use(&object, &s));
    object.struct_size = SIZE_MAX / 3; /* whatever stood on the stack */
    INVALID("struct_size", type->use(&object, &s));
}

/* A size within a field would make half a pointer or number of it. */
LOOP_TEST(sizes_within_a_field_are_refused, LENGTH(structs))
{
    const struct versioned *type = &structs[_i];
    const struct setup s = setup_default(MLPBN_F32);
    union object untouched;
    memset(&untouched, FOREIGN, sizeof untouched);
    for (size_t size = 2 * sizeof(size_t); size < type->size + TAIL; size++) {
        union object object = make_object(type, type->size, &s), before;
        char words[40];
        object.struct_size = size;
        before = object;
        if (size % sizeof(size_t) == 0)
            continue;
        snprintf(words, sizeof words, "struct_size|%zu", size);
        api_case("within a field", type->name);
        INVALID(words, type->use(&object, &s));
        api_assert_same(&object, &before, sizeof object, "struct");
        memset(&object, FOREIGN, sizeof object);
        INVALID(words, type->init(&object, size));
        api_assert_same(&object, &untouched, sizeof object, "uninitialized struct");
    }
    setup_assert_unchanged(&s);
}

/* --- What the fields that are not there stand for ----------------------------------- */

TEST(a_seed_past_the_end_is_the_default)
{
    mlpbn_network_options options = five_inputs;
    mlpbn_network *network, *expected;
    OK(mlpbn_network_create(&expected, &options, &three_units, 1));
    options.seed = 2385;
    options.struct_size = offsetof(mlpbn_network_options, seed);
    OK(mlpbn_network_create(&network, &options, &three_units, 1));
    api_assert_equal(own_network(network), own_network(expected), "weights");
}

/* Layers as an older header had them, and as a newer one might. */
struct old_layer {
    size_t struct_size;
    size_t units;
    mlpbn_activation activation;
    int bias;
};

struct new_layer {
    mlpbn_layer_options known;
    double unknown[3];
};

static const struct old_layer old_layers[] = {
    {sizeof(struct old_layer), 7, MLPBN_RELU, 0},
    {sizeof(struct old_layer), 4, MLPBN_IDENTITY, 1},
    {sizeof(struct old_layer), 3, MLPBN_RELU, 1},
};

/* Makes the network of the old layers. */
static mlpbn_network *create_three_layers(const void *layers)
{
    mlpbn_network *network = NULL;
    OK(mlpbn_network_create(&network, &five_inputs, layers, 3));
    ck_assert_uint_eq(mlpbn_network_n_layers(network), LENGTH(old_layers));
    for (size_t l = 0; l < LENGTH(old_layers); l++) {
        const mlpbn_layer *layer = mlpbn_network_layer(network, l);
        const double *bias = api_tensor(network, l, MLPBN_BIAS);
        ck_assert_uint_eq(mlpbn_layer_units(layer), old_layers[l].units);
        ck_assert_int_eq(mlpbn_layer_activation(layer), old_layers[l].activation);
        ck_assert_int_eq(bias != NULL, old_layers[l].bias);
        ck_assert_ptr_null(mlpbn_layer_batchnorm(layer));
    }
    return own_network(network);
}

TEST(layers_of_an_older_and_a_newer_program)
{
    struct new_layer layers[] = {{MLPBN_LAYER_OPTIONS_INIT(7, MLPBN_RELU), {0}},
                                 {MLPBN_LAYER_OPTIONS_INIT(4, MLPBN_IDENTITY), {0}},
                                 {MLPBN_LAYER_OPTIONS_INIT(3, MLPBN_RELU), {0}}};
    mlpbn_network *none = api_untouched();
    const double *weight = api_tensor(create_three_layers(old_layers), 0, MLPBN_WEIGHT);
    /* The initialization that is not in the struct is He's, not nothing. */
    ck_assert(api_largest(weight) > 0.1);
    for (size_t l = 0; l < LENGTH(layers); l++)
        layers[l].known.struct_size = sizeof layers[l];
    layers[0].known.bias = 0;
    create_three_layers(layers);
    layers[2].unknown[1] = 2.385;
    INVALID("layer|2", mlpbn_network_create(&none, &five_inputs, &layers[0].known, 3));
    ck_assert_ptr_eq(none, api_untouched());
}

TEST(results_reach_to_the_end_of_a_short_struct)
{
    const struct setup s = setup_default(MLPBN_F64);
    const mlpbn_metrics whole = setup_evaluate(&s, NULL);
    mlpbn_metrics metrics = api_metrics();
    mlpbn_tensor tensor = MLPBN_TENSOR_INIT;
    metrics.struct_size = offsetof(mlpbn_metrics, correct);
    OK(mlpbn_evaluate(s.network, s.workspace, &s.rows, NULL, &metrics));
    ck_assert_uint_eq(metrics.struct_size, offsetof(mlpbn_metrics, correct));
    ck_assert_uint_eq(metrics.n, whole.n);
    ck_assert(metrics.loss == whole.loss && metrics.cost == whole.cost && whole.loss > 0);
    ck_assert(metrics.correct == 0 && metrics.accuracy == 0);
    tensor.struct_size = offsetof(mlpbn_tensor, layer);
    OK(mlpbn_network_tensor(&tensor, s.network, 1));
    ck_assert_uint_eq(tensor.index, 1);
    ck_assert_ptr_nonnull(tensor.name);
    ck_assert(tensor.columns == 0 && tensor.data == NULL);
}

/* --- Fields out of range ------------------------------------------------------------- */

/* Every call refuses options with one of these values (layers and batchnorms are in
 * test_network.c). */
#define BAD(type, kind, field, words, ...)                                               \
    {                                                                                    \
        &macro_##type##_options,                                                         \
            BAD_FIELD(type##_options, field, kind, words, __VA_ARGS__)                   \
    }

static const struct {
    const void *by_macro;
    struct bad_field field;
} bad_options[] = {
    BAD(network, SIZE, inputs, "inputs", 0),
    BAD(network, INT, dtype, "dtype", 0, MLPBN_U8, 99),
    BAD(workspace, SIZE, max_batch, "max_batch", 0),
    BAD(workspace, INT, mode, "mode", 0, 99),
    BAD(workspace, INT, threads, "threads", -1),
    BAD(workspace, INT, threads, "threads|1024", 1025),
    BAD(workspace, INT, profile, "profile", 2, -1),
    BAD(optimizer, INT, kind, "kind", 0, 99),
    BAD(optimizer, REAL, learning_rate, "learning_rate", -0.0385, API_NAN, HUGE_VAL),
    BAD(optimizer, REAL, momentum, "momentum", -0.0385, 1, API_NAN),
    BAD(optimizer, UNTOLD, nesterov, "nesterov|momentum", 1),
    BAD(optimizer, REAL, beta1, "beta1", -0.0385, 1),
    BAD(optimizer, REAL, beta2, "beta2", API_NAN, 1.0625),
    BAD(optimizer, REAL, rho, "rho", 1),
    BAD(optimizer, REAL, eps, "eps", 0, -0.0385, HUGE_VAL),
    BAD(optimizer, REAL, weight_decay, "weight_decay", -0.0385, HUGE_VAL),
    BAD(optimizer, REAL, clip_norm, "clip_norm", -0.0385, API_NAN),
    BAD(optimizer, BITS, decay_kinds, "decay_kinds", 1, 0x100, 0x4000),
    BAD(sampler, SIZE, batch, "batch", 0),
    BAD(sampler, INT, shuffle, "shuffle", 2, -1),
    BAD(sampler, INT, last_batch, "last_batch", 0, 5, 99),
    BAD(loss, INT, loss, "loss", 0, 99),
    BAD(loss, REAL, lambda, "lambda", -0.0385, API_NAN, HUGE_VAL),
    BAD(loss, INT, penalty, "penalty", 0, 99),
    BAD(loss, BITS, penalty_kinds, "penalty_kinds", 1, 0x100, 0x4000),
    BAD(loss, REAL, label_smoothing, "label_smoothing", -0.0385, 1.0625, API_NAN),
    BAD(loss, REAL, huber_delta, "huber_delta", 0, API_NAN, HUGE_VAL),
    BAD(loss, INT, reduction, "reduction", 0, 4, 99),
    BAD(loss, REAL, quantile, "quantile", 0, 1, -0.0385, 1.0625, API_NAN),
    BAD(gradcheck, REAL, tolerance, "tolerance", 0, API_NAN, HUGE_VAL),
    BAD(gradcheck, REAL, nudge, "nudge", -0.001, API_NAN, HUGE_VAL),
    BAD(gradcheck, INT, inputs, "inputs", 2),
    BAD(fit, SIZE, epochs, "epochs", 0),
    BAD(fit, SIZE, batch, "batch", 0),
    BAD(fit, SIZE, checkpoint_epochs, "checkpoint_epochs", 0),
    BAD(fit, INT, threads, "threads", -1, 1025),
    BAD(fit, REAL, validation_share, "validation_share", -0.0385, 1, API_NAN),
    BAD(fit, UNTOLD, stratify, "stratify|validation_share", 1),
    BAD(fit, INT, stratify, "stratify", 2),
    BAD(fit, INT, monitor, "monitor", 0, 99),
    BAD(fit, REAL, min_improvement, "min_improvement", -0.0385, API_NAN, HUGE_VAL),
    BAD(fit, REAL, min_improvement, "min_improvement", 0.0385),
    BAD(fit, INT, restore_best, "restore_best", 2),
    BAD(fit, REAL, max_seconds, "max_seconds", -0.0385, API_NAN, HUGE_VAL),
    BAD(fit, INT, on_nonfinite, "on_nonfinite", 0, 99),
    BAD(load, REAL, standardization_eps, "standardization_eps", -1e-5),
    BAD(load, REAL, self_test_tolerance, "self_test_tolerance", API_NAN),
    BAD(fold, INT, standardization, "standardization", 2),
    BAD(fold, REAL, tolerance, "tolerance", 0, -2.385, API_NAN),
    BAD(constant_schedule, REAL, learning_rate, "learning_rate", 0, -0.0385, API_NAN,
        HUGE_VAL),
    BAD(step_schedule, REAL, learning_rate, "learning_rate", 0, -0.0385, API_NAN,
        HUGE_VAL),
    BAD(step_schedule, SIZE, step_size, "step_size", 0),
    BAD(step_schedule, REAL, gamma, "gamma", 0, -0.0385, 1.0625, API_NAN),
    BAD(exponential_schedule, REAL, learning_rate, "learning_rate", 0, -0.0385, API_NAN,
        HUGE_VAL),
    BAD(exponential_schedule, REAL, gamma, "gamma", 0, -0.0385, 1.0625, API_NAN),
    BAD(cosine_schedule, REAL, learning_rate, "learning_rate", 0, -0.0385, API_NAN,
        HUGE_VAL),
    BAD(cosine_schedule, SIZE, cycle_steps, "cycle_steps", 0),
    BAD(cosine_schedule, SIZE, cycle_multiplier, "cycle_multiplier", 0),
    BAD(cosine_schedule, REAL, min_rate, "min_rate|0.02385", -0.0385, 0.025, API_NAN,
        HUGE_VAL),
    BAD(one_cycle_schedule, REAL, max_rate, "max_rate", 0, -0.0385, API_NAN, HUGE_VAL),
    BAD(one_cycle_schedule, SIZE, total_steps, "total_steps", 0),
    BAD(one_cycle_schedule, REAL, pct_start, "pct_start|1", -0.0385, 1.0625, API_NAN),
    BAD(one_cycle_schedule, REAL, div_factor, "div_factor", 0, 0.9385, API_NAN, HUGE_VAL),
    BAD(one_cycle_schedule, REAL, final_div_factor, "final_div_factor", 0, 0.0385, -2.385,
        API_NAN, HUGE_VAL),
    BAD(one_cycle_schedule, INT, annealing, "annealing|mlpbn_annealing", 0, 3, 99),
    BAD(one_cycle_schedule, INT, three_phase, "three_phase", 2, -1),
    BAD(warmup_schedule, SIZE, steps, "steps", 0),
    BAD(warmup_schedule, REAL, start_factor, "start_factor", -0.0385, 1.0625, API_NAN),
    BAD(plateau, INT, mode, "mode|mlpbn_plateau_mode", 0, 3, 99),
    BAD(plateau, INT, threshold_mode, "threshold_mode|mlpbn_threshold_mode", 0, 3, 99),
    BAD(plateau, REAL, factor, "factor", 0, 1, -0.0385, API_NAN),
    BAD(plateau, REAL, threshold, "threshold", -0.0385, 1, API_NAN, HUGE_VAL),
    BAD(plateau, REAL, min_factor, "min_factor", -0.0385, 1.0625, API_NAN),
};

LOOP_DTYPE_TEST(options_out_of_range_are_refused, LENGTH(bad_options))
{
    const struct setup s = setup_default(dtype);
    const struct bad_field *bad = &bad_options[_i].field;
    for (size_t i = 0; i < LENGTH(structs) * bad->n; i++) {
        const struct versioned *type = &structs[i / bad->n];
        union object object = make_object(type, type->size, &s);
        if (type->by_macro != bad_options[_i].by_macro)
            continue;
        const char *words = api_spoil(&object, bad, i % bad->n);
        api_case(type->name, words);
        INVALID(words, type->use(&object, &s));
    }
    setup_assert_unchanged(&s);
}

DTYPE_TEST(sizes_that_do_not_fit_are_refused)
{
    static const size_t sizes[] = {SIZE_MAX / 2, SIZE_MAX / 4 + 1, SIZE_MAX,
                                   SIZE_MAX / 16};
    const struct setup s = setup_default(dtype);
    mlpbn_network_options network = five_inputs;
    mlpbn_workspace_options workspace = MLPBN_WORKSPACE_OPTIONS_INIT;
    for (size_t i = 0; i < LENGTH(sizes); i++) {
        network.inputs = workspace.max_batch = sizes[i];
        if (i < 3)
            FAILS(MLPBN_ESIZE, "", use_network_options(&network, &s));
        if (i != 0)
            FAILS(MLPBN_ESIZE, "", use_workspace_options(&workspace, &s));
    }
    setup_assert_unchanged(&s);
}
