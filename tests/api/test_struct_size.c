/* Programs compiled with an older or a newer header: structs shorter and longer than
 * those that this library knows. */
#include "api_helpers.h"
#include "file_helpers.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { TAIL = 24, ROOM = 256, FOREIGN = 0xFF };

/* Any of the structs, with room behind it. */
union object {
    size_t struct_size;
    max_align_t aligned;
    unsigned char bytes[ROOM];
};

/* --- How each struct is made and used ----------------------------------------------- */

#define INIT(type)                                                                       \
    static mlpbn_status init_##type(void *object, size_t size)                           \
    {                                                                                    \
        return mlpbn_##type##_init(object, size);                                        \
    }
INIT(rows)
INIT(network_options)
INIT(layer_options)
INIT(batchnorm_options)
INIT(workspace_options)
INIT(optimizer_options)
INIT(sampler_options)
INIT(loss_options)
INIT(gradcheck_options)
INIT(gradcheck_result)
INIT(metrics)
INIT(tensor)
#if MLPBN_JANSSON
INIT(load_options)
INIT(checkpoint)
#endif
INIT(fold_options)
INIT(fold_report)

static void prepare_nothing(void *object, const struct world *world)
{
    (void)object;
    (void)world;
}

static void prepare_rows(void *object, const struct world *world)
{
    memcpy(object, &world->data.rows, sizeof world->data.rows);
}

static void prepare_network_options(void *object, const struct world *world)
{
    (void)world;
    ((mlpbn_network_options *)object)->inputs = 5;
}

static void prepare_layer_options(void *object, const struct world *world)
{
    (void)world;
    ((mlpbn_layer_options *)object)->units = 3;
}

static mlpbn_status create(const mlpbn_network_options *options,
                           const mlpbn_layer_options *layer)
{
    mlpbn_network *network = NULL;
    const mlpbn_status status = mlpbn_network_create(&network, options, layer, 1);
    mlpbn_network_destroy(network);
    return status;
}

static mlpbn_status use_network_options(void *object, struct world *world)
{
    mlpbn_layer_options layer;
    (void)world;
    OK(mlpbn_layer_options_init(&layer, sizeof layer));
    layer.units = 3;
    return create(object, &layer);
}

static mlpbn_status use_layer_options(void *object, struct world *world)
{
    mlpbn_network_options options;
    (void)world;
    OK(mlpbn_network_options_init(&options, sizeof options));
    options.inputs = 5;
    return create(&options, object);
}

static mlpbn_status use_batchnorm_options(void *object, struct world *world)
{
    mlpbn_layer_options layer;
    OK(mlpbn_layer_options_init(&layer, sizeof layer));
    layer.units = 3;
    layer.batchnorm = object;
    return use_layer_options(&layer, world);
}

static mlpbn_status use_workspace_options(void *object, struct world *world)
{
    mlpbn_workspace *workspace = NULL;
    const mlpbn_status status =
        mlpbn_workspace_create(&workspace, world->network, object);
    mlpbn_workspace_destroy(workspace);
    return status;
}

static mlpbn_status use_optimizer_options(void *object, struct world *world)
{
    mlpbn_optimizer *optimizer = NULL;
    const mlpbn_status status =
        mlpbn_optimizer_create(&optimizer, world->network, object);
    mlpbn_optimizer_destroy(optimizer);
    return status;
}

static mlpbn_status use_sampler_options(void *object, struct world *world)
{
    mlpbn_sampler *sampler = NULL;
    const mlpbn_status status = mlpbn_sampler_create(&sampler, &world->data.rows, object);
    mlpbn_sampler_destroy(sampler);
    return status;
}

static mlpbn_status use_loss_options(void *object, struct world *world)
{
    return mlpbn_gradient(world->network, world->workspace, &world->data.rows, object,
                          NULL);
}

static mlpbn_status use_metrics(void *object, struct world *world)
{
    return mlpbn_evaluate(world->network, world->workspace, &world->data.rows, NULL,
                          object);
}

static mlpbn_status use_metrics_of_gradient(void *object, struct world *world)
{
    return mlpbn_gradient(world->network, world->workspace, &world->data.rows, NULL,
                          object);
}

static mlpbn_status use_rows(void *object, struct world *world)
{
    /* reads every field */
    const mlpbn_loss_options loss = api_loss_options(MLPBN_MEAN_SQUARED_ERROR, 0);
    return mlpbn_gradient(world->network, world->workspace, object, &loss, NULL);
}

static mlpbn_status use_rows_of_sampler(void *object, struct world *world)
{
    mlpbn_sampler *sampler = NULL;
    const mlpbn_status status = mlpbn_sampler_create(&sampler, object, NULL);
    mlpbn_sampler_destroy(sampler);
    (void)world;
    return status;
}

static mlpbn_status use_batch(void *object, struct world *world)
{
    mlpbn_sampler *sampler = NULL;
    OK(mlpbn_sampler_create(&sampler, &world->data.rows, NULL));
    const mlpbn_status status = mlpbn_sampler_next(object, sampler);
    mlpbn_sampler_destroy(sampler);
    return status;
}

static mlpbn_status use_tensor(void *object, struct world *world)
{
    return mlpbn_network_tensor(object, world->network, 1);
}

static mlpbn_status use_tensor_of_layer(void *object, struct world *world)
{
    return mlpbn_layer_tensor(object, mlpbn_network_layer(world->network, 0),
                              MLPBN_GAMMA);
}

static mlpbn_status use_tensor_of_batchnorm(void *object, struct world *world)
{
    const mlpbn_layer *layer = mlpbn_network_layer(world->network, 0);
    return mlpbn_batchnorm_tensor(object, mlpbn_layer_batchnorm(layer), MLPBN_GAMMA);
}

static mlpbn_status use_gradcheck_options(void *object, struct world *world)
{
    mlpbn_gradcheck_report *report = NULL;
    const mlpbn_status status =
        mlpbn_gradcheck(&report, world->network, &world->data.rows, NULL, object);
    mlpbn_gradcheck_destroy(report);
    return status;
}

static mlpbn_status use_gradcheck_result(void *object, struct world *world)
{
    mlpbn_gradcheck_report *report = NULL;
    OK(mlpbn_gradcheck(&report, world->network, &world->data.rows, NULL, NULL));
    const mlpbn_status status = mlpbn_gradcheck_get(object, report, 1);
    mlpbn_gradcheck_destroy(report);
    return status;
}

#if MLPBN_JANSSON

static mlpbn_status use_load_options(void *object, struct world *world)
{
    mlpbn_network *loaded = NULL;
    struct memory_file file = memory_save(world->network);
    const mlpbn_status status = memory_load(&loaded, &file, object);
    memory_file_free(&file);
    mlpbn_network_destroy(loaded);
    return status;
}

static mlpbn_status use_checkpoint_saved(void *object, struct world *world)
{
    struct memory_file file = memory_file_new();
    const mlpbn_writer writer = memory_writer(&file);
    (void)world;
    const mlpbn_status status = mlpbn_checkpoint_save_to(object, &writer);
    memory_file_free(&file);
    return status;
}

static mlpbn_status use_checkpoint_loaded(void *object, struct world *world)
{
    mlpbn_checkpoint all;
    struct memory_file file = memory_file_new();
    const mlpbn_writer writer = memory_writer(&file);
    OK(mlpbn_checkpoint_init(&all, sizeof all));
    all.network = world->network;
    OK(mlpbn_checkpoint_save_to(&all, &writer));
    const mlpbn_reader reader = memory_reader(&file);
    const mlpbn_status status = mlpbn_checkpoint_load_from(object, &reader);
    memory_file_free(&file);
    return status;
}

#endif

static mlpbn_status fold(const struct world *world, const mlpbn_fold_options *options,
                         mlpbn_fold_report *report)
{
    mlpbn_network *folded = NULL;
    const mlpbn_status status = mlpbn_fold(&folded, world->network, options, report);
    mlpbn_network_destroy(folded);
    return status;
}

static mlpbn_status use_fold_options(void *object, struct world *world)
{
    return fold(world, object, NULL);
}

static mlpbn_status use_fold_report(void *object, struct world *world)
{
    return fold(world, NULL, object);
}

/* last: offset of the last field. Filled with FOREIGN it is out of its range, where it
 * has one, so that a call that reads it past the caller's struct_size is found out. */
#define STRUCT(type, field, preparation, user, output)                                   \
    {                                                                                    \
#user, sizeof(mlpbn_##type), offsetof(mlpbn_##type, field), init_##type,         \
            preparation, user, output                                                    \
    }

static const struct versioned {
    const char *name;
    size_t size, last;
    mlpbn_status (*init)(void *object, size_t size);
    void (*prepare)(void *object, const struct world *world);
    mlpbn_status (*use)(void *object, struct world *world);
    int is_output; /* filled by the library */
} structs[] = {
    STRUCT(network_options, seed, prepare_network_options, use_network_options, 0),
    STRUCT(layer_options, dropout, prepare_layer_options, use_layer_options, 0),
    STRUCT(batchnorm_options, cumulative, prepare_nothing, use_batchnorm_options, 0),
    STRUCT(workspace_options, profile, prepare_nothing, use_workspace_options, 0),
    STRUCT(optimizer_options, clip_norm, prepare_nothing, use_optimizer_options, 0),
    STRUCT(sampler_options, last_batch, prepare_nothing, use_sampler_options, 0),
    STRUCT(loss_options, huber_delta, prepare_nothing, use_loss_options, 0),
    STRUCT(gradcheck_options, inputs, prepare_nothing, use_gradcheck_options, 0),
    STRUCT(rows, weights, prepare_rows, use_rows, 0),
    STRUCT(rows, weights, prepare_rows, use_rows_of_sampler, 0),
    STRUCT(rows, weights, prepare_nothing, use_batch, 1),
    STRUCT(metrics, accuracy, prepare_nothing, use_metrics, 1),
    STRUCT(metrics, accuracy, prepare_nothing, use_metrics_of_gradient, 1),
    STRUCT(gradcheck_result, passed, prepare_nothing, use_gradcheck_result, 1),
    STRUCT(tensor, data, prepare_nothing, use_tensor, 1),
    STRUCT(tensor, data, prepare_nothing, use_tensor_of_layer, 1),
    STRUCT(tensor, data, prepare_nothing, use_tensor_of_batchnorm, 1),
#if MLPBN_JANSSON
    STRUCT(load_options, self_test_tolerance, prepare_nothing, use_load_options, 0),
    STRUCT(checkpoint, state_size, prepare_nothing, use_checkpoint_saved, 0),
    STRUCT(checkpoint, state_size, prepare_nothing, use_checkpoint_loaded, 0),
#endif
    STRUCT(fold_options, tolerance, prepare_nothing, use_fold_options, 0),
    STRUCT(fold_report, rows, prepare_nothing, use_fold_report, 1),
};

/* --- The _init functions ------------------------------------------------------------ */

static void assert_bytes(const unsigned char *bytes, size_t from, size_t to, int value,
                         const char *what)
{
    while (from < to && bytes[from] == value)
        from++;
    ck_assert_msg(from == to, "%s%s: byte %zu was written", api_case_name(), what, from);
}

/* Initializes with this size, and compares with what sizeof the struct gives. */
static void check_init(const struct versioned *type, size_t size)
{
    const size_t known = size < type->size ? size : type->size;
    union object whole, object;

    memset(&object, FOREIGN, sizeof object);
    memset(&whole, FOREIGN, sizeof whole);
    OK(type->init(&object, size));
    OK(type->init(&whole, type->size));
    ck_assert_uint_eq(object.struct_size, size);
    assert_bytes(object.bytes, size, ROOM, FOREIGN, "past struct_size");
    assert_bytes(object.bytes, known, size, 0, "unknown fields");
    whole.struct_size = size;
    api_assert_same(object.bytes, whole.bytes, known, "defaults");
}

START_TEST(init_writes_exactly_its_size)
{
    const struct versioned *type = &structs[_i];

    api_case("init", type->name);
    check_init(type, type->size);
    check_init(type, type->last);
    check_init(type, type->size + TAIL);
}
END_TEST

START_TEST(init_refuses_no_size)
{
    const struct versioned *type = &structs[_i];
    union object object;

    api_case("init", type->name);
    memset(&object, FOREIGN, sizeof object);
    FAILS(MLPBN_EINVAL, "struct_size|0", type->init(&object, 0));
    FAILS(MLPBN_EINVAL, "struct_size|1", type->init(&object, 1));
    FAILS(MLPBN_EINVAL, "struct_size", type->init(&object, sizeof(size_t) - 1));
    FAILS(MLPBN_EINVAL, "NULL", type->init(NULL, type->size));
    assert_bytes(object.bytes, 0, ROOM, FOREIGN, "after a failure");
}
END_TEST

START_TEST(defaults_are_the_documented_ones)
{
    mlpbn_network_options network;
    mlpbn_layer_options layer;
    mlpbn_batchnorm_options batchnorm;

    OK(mlpbn_network_options_init(&network, sizeof network));
    ck_assert_uint_eq(network.inputs, 0);
    ck_assert_int_eq(network.dtype, MLPBN_F32);
    ck_assert_uint_eq(network.seed, 0);

    OK(mlpbn_layer_options_init(&layer, sizeof layer));
    ck_assert_uint_eq(layer.units, 0);
    ck_assert_int_eq(layer.activation, MLPBN_RELU);
    ck_assert_int_eq(layer.bias, 1);
    ck_assert_int_eq(layer.init, MLPBN_INIT_HE);
    ck_assert(layer.init_sigma == 0.01);
    ck_assert_ptr_null(layer.batchnorm);

    OK(mlpbn_batchnorm_options_init(&batchnorm, sizeof batchnorm));
    ck_assert(batchnorm.eps == 1e-5);
    ck_assert(batchnorm.decay == 0.9);
    ck_assert_int_eq(batchnorm.unbiased_running_variance, 0);
    ck_assert_int_eq(batchnorm.start_from_first_batch, 1);
}
END_TEST

START_TEST(defaults_of_training_are_the_documented_ones)
{
    mlpbn_workspace_options workspace;
    mlpbn_optimizer_options optimizer;
    mlpbn_sampler_options sampler;
    mlpbn_loss_options loss;

    OK(mlpbn_workspace_options_init(&workspace, sizeof workspace));
    ck_assert_uint_eq(workspace.max_batch, 256);
    ck_assert_int_eq(workspace.mode, MLPBN_TRAIN);
    ck_assert_int_eq(workspace.threads, 1);
    ck_assert_int_eq(workspace.profile, 0);

    OK(mlpbn_optimizer_options_init(&optimizer, sizeof optimizer));
    ck_assert_int_eq(optimizer.kind, MLPBN_SGD);
    ck_assert(optimizer.learning_rate == 0.01);
    ck_assert(optimizer.momentum == 0);
    ck_assert_int_eq(optimizer.nesterov, 0);

    OK(mlpbn_sampler_options_init(&sampler, sizeof sampler));
    ck_assert_uint_eq(sampler.batch, 100);
    ck_assert_int_eq(sampler.shuffle, 1);
    ck_assert_uint_eq(sampler.seed, 0);
    ck_assert_int_eq(sampler.last_batch, MLPBN_LAST_BATCH_KEEP);

    OK(mlpbn_loss_options_init(&loss, sizeof loss));
    ck_assert_int_eq(loss.loss, MLPBN_SOFTMAX_CROSS_ENTROPY);
    ck_assert(loss.lambda == 0);
}
END_TEST

/* The macros' values against the _init functions', field by field: what pads a struct may
 * differ. */
START_TEST(macros_initialize_as_the_functions_do)
{
    static const float x[6] = {0.385f};
    const mlpbn_network_options network = MLPBN_NETWORK_OPTIONS_INIT(5);
    const mlpbn_layer_options layer = MLPBN_LAYER_OPTIONS_INIT(3, MLPBN_IDENTITY);
    const mlpbn_batchnorm_options batchnorm = MLPBN_BATCHNORM_OPTIONS_INIT;
    const mlpbn_workspace_options workspace = MLPBN_WORKSPACE_OPTIONS_INIT;
    const mlpbn_optimizer_options optimizer = MLPBN_OPTIMIZER_OPTIONS_INIT;
    const mlpbn_loss_options loss = MLPBN_LOSS_OPTIONS_INIT;
    const mlpbn_sampler_options sampler = MLPBN_SAMPLER_OPTIONS_INIT;
    const mlpbn_rows rows = MLPBN_ROWS_INIT(x, MLPBN_F32, 3, 2);
    const mlpbn_metrics metrics = MLPBN_METRICS_INIT;
    const mlpbn_tensor tensor = MLPBN_TENSOR_INIT;

    mlpbn_network_options network_made;
    OK(mlpbn_network_options_init(&network_made, sizeof network_made));
    ck_assert_uint_eq(network.inputs, 5);
    ck_assert_int_eq(network.dtype, network_made.dtype);
    ck_assert_uint_eq(network.seed, network_made.seed);

    mlpbn_layer_options layer_made;
    OK(mlpbn_layer_options_init(&layer_made, sizeof layer_made));
    ck_assert(layer.units == 3 && layer.activation == MLPBN_IDENTITY);
    ck_assert(layer.bias == layer_made.bias && layer.init == layer_made.init);
    ck_assert(layer.init_sigma == layer_made.init_sigma && !layer.batchnorm);
    ck_assert(layer.alpha == MLPBN_DEFAULT_ALPHA && layer_made.alpha == layer.alpha);

    mlpbn_batchnorm_options batchnorm_made = api_batchnorm_options();
    ck_assert(batchnorm.eps == batchnorm_made.eps);
    ck_assert(batchnorm.decay == batchnorm_made.decay);
    ck_assert_int_eq(batchnorm.unbiased_running_variance, 0);
    ck_assert_int_eq(batchnorm.start_from_first_batch,
                     batchnorm_made.start_from_first_batch);
    ck_assert(batchnorm.affine == 1 && batchnorm_made.affine == 1);
    ck_assert(!batchnorm.after_activation && !batchnorm.cumulative);

    mlpbn_workspace_options workspace_made;
    OK(mlpbn_workspace_options_init(&workspace_made, sizeof workspace_made));
    ck_assert_uint_eq(workspace.max_batch, workspace_made.max_batch);
    ck_assert_int_eq(workspace.mode, workspace_made.mode);
    ck_assert_int_eq(workspace.threads, workspace_made.threads);

    mlpbn_optimizer_options optimizer_made;
    OK(mlpbn_optimizer_options_init(&optimizer_made, sizeof optimizer_made));
    ck_assert_int_eq(optimizer.kind, optimizer_made.kind);
    ck_assert(optimizer.learning_rate == optimizer_made.learning_rate);
    ck_assert(optimizer.momentum == 0 && optimizer.nesterov == 0);
    ck_assert(optimizer.beta1 == 0.9 && optimizer.beta2 == 0.999 &&
              optimizer.rho == 0.99);
    ck_assert(optimizer.eps == 1e-8 && optimizer.weight_decay == 0.01);
    ck_assert_uint_eq(optimizer.decay_kinds, MLPBN_KIND_BIT(MLPBN_WEIGHT));
    ck_assert(optimizer.clip_norm == 0);

    ck_assert_int_eq(loss.loss, MLPBN_SOFTMAX_CROSS_ENTROPY);
    ck_assert(loss.lambda == 0 && loss.penalty == MLPBN_SUM_OF_SQUARES);
    ck_assert_uint_eq(loss.penalty_kinds, MLPBN_KIND_BIT(MLPBN_WEIGHT));
    ck_assert(loss.label_smoothing == 0 && !loss.class_weights && loss.huber_delta == 1);

    mlpbn_sampler_options sampler_made;
    OK(mlpbn_sampler_options_init(&sampler_made, sizeof sampler_made));
    ck_assert_uint_eq(sampler.batch, sampler_made.batch);
    ck_assert(sampler.shuffle == sampler_made.shuffle && sampler.seed == 0);
    ck_assert_int_eq(sampler.last_batch, sampler_made.last_batch);

    ck_assert(rows.data == x && rows.dtype == MLPBN_F32 && rows.n == 3);
    ck_assert(rows.columns == 2 && rows.stride + rows.n_data == 0 && !rows.index);
    ck_assert(!rows.labels && !rows.targets && rows.target_dtype == MLPBN_NO_DTYPE);

    ck_assert_uint_eq(network.struct_size, sizeof network);
    ck_assert_uint_eq(layer.struct_size, sizeof layer);
    ck_assert_uint_eq(batchnorm.struct_size, sizeof batchnorm);
    ck_assert_uint_eq(workspace.struct_size, sizeof workspace);
    ck_assert_uint_eq(optimizer.struct_size, sizeof optimizer);
    ck_assert_uint_eq(loss.struct_size, sizeof loss);
    ck_assert_uint_eq(sampler.struct_size, sizeof sampler);
    ck_assert_uint_eq(rows.struct_size, sizeof rows);
    ck_assert_uint_eq(metrics.struct_size, sizeof metrics);
    ck_assert_uint_eq(tensor.struct_size, sizeof tensor);
}
END_TEST

START_TEST(views_and_results_begin_empty)
{
    mlpbn_rows rows;
    mlpbn_metrics metrics;
    mlpbn_tensor tensor;

    memset(&rows, FOREIGN, sizeof rows);
    OK(mlpbn_rows_init(&rows, sizeof rows));
    assert_bytes((const unsigned char *)&rows, sizeof(size_t), sizeof rows, 0, "rows");

    memset(&metrics, FOREIGN, sizeof metrics);
    OK(mlpbn_metrics_init(&metrics, sizeof metrics));
    assert_bytes((const unsigned char *)&metrics, sizeof(size_t), sizeof metrics, 0,
                 "metrics");
    memset(&tensor, FOREIGN, sizeof tensor);
    OK(mlpbn_tensor_init(&tensor, sizeof tensor));
    assert_bytes((const unsigned char *)&tensor, sizeof(size_t), sizeof tensor, 0,
                 "tensor");
}
END_TEST

/* --- The calls that take them ------------------------------------------------------- */

/* The struct as a program makes it whose header has `size` bytes of it; what lies behind
 * is the program's own. */
static void make_object(union object *object, const struct versioned *type, size_t size,
                        const struct world *world)
{
    memset(object, 0, sizeof *object);
    OK(type->init(object, type->size));
    type->prepare(object, world);
    object->struct_size = size;
    memset(object->bytes + size, FOREIGN, ROOM - size);
}

START_TEST(calls_take_a_shorter_struct)
{
    const struct versioned *type = &structs[_i];
    struct world world;
    union object object;

    api_case("short", type->name);
    world_make(&world, MLPBN_F32);
    make_object(&object, type, type->last, &world);
    OK(type->use(&object, &world));
    assert_bytes(object.bytes, type->last, ROOM, FOREIGN, "past struct_size");
    world_free(&world);
}
END_TEST

START_TEST(calls_take_a_longer_struct)
{
    const struct versioned *type = &structs[_i];
    struct world world;
    union object object;

    api_case("long", type->name);
    world_make(&world, MLPBN_F32);
    make_object(&object, type, type->size + TAIL, &world);
    OK(type->use(&object, &world));
    assert_bytes(object.bytes, type->size, type->size + TAIL, 0, "unknown fields");
    assert_bytes(object.bytes, type->size + TAIL, ROOM, FOREIGN, "past struct_size");
    world_free(&world);
}
END_TEST

START_TEST(calls_refuse_unknown_fields_that_are_set)
{
    const struct versioned *type = &structs[_i];
    struct world world;
    union object object;

    api_case("set tail", type->name);
    world_make(&world, MLPBN_F32);
    for (size_t i = 0; !type->is_output && i < TAIL; i += TAIL - 1) {
        make_object(&object, type, type->size + TAIL, &world);
        object.bytes[type->size + i] = 1;
        FAILS(MLPBN_EINVAL, "", type->use(&object, &world));
    }
    world_free(&world);
}
END_TEST

START_TEST(calls_refuse_no_size)
{
    const struct versioned *type = &structs[_i];
    struct world world;
    union object object;

    api_case("no size", type->name);
    world_make(&world, MLPBN_F32);
    make_object(&object, type, type->size, &world);
    object.struct_size = 0; /* never initialized, or zeroed */
    FAILS(MLPBN_EINVAL, "struct_size|0", type->use(&object, &world));
    object.struct_size = 3;
    FAILS(MLPBN_EINVAL, "struct_size|3", type->use(&object, &world));
    object.struct_size = SIZE_MAX / 3; /* whatever stood on the stack */
    FAILS(MLPBN_EINVAL, "struct_size", type->use(&object, &world));
    world_free(&world);
}
END_TEST

/* --- What the fields that are not there stand for ----------------------------------- */

static mlpbn_network *network_of_seed(uint64_t seed, size_t struct_size)
{
    mlpbn_network_options options;
    mlpbn_layer_options layer;
    mlpbn_network *network = NULL;

    OK(mlpbn_network_options_init(&options, sizeof options));
    OK(mlpbn_layer_options_init(&layer, sizeof layer));
    options.inputs = 5;
    options.seed = seed;
    options.struct_size = struct_size;
    layer.units = 7;
    OK(mlpbn_network_create(&network, &options, &layer, 1));
    return network;
}

START_TEST(a_seed_past_the_end_is_the_default)
{
    mlpbn_network *without = network_of_seed(2385, offsetof(mlpbn_network_options, seed));
    mlpbn_network *with = network_of_seed(0, sizeof(mlpbn_network_options));

    api_assert_twins(without, with, "weights");
    mlpbn_network_destroy(without);
    mlpbn_network_destroy(with);
}
END_TEST

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

static void assert_layers(const mlpbn_network *network)
{
    static const struct {
        size_t units;
        mlpbn_activation activation;
        int has_bias;
    } expected[] = {{7, MLPBN_RELU, 0}, {4, MLPBN_IDENTITY, 1}, {3, MLPBN_RELU, 1}};

    ck_assert_uint_eq(mlpbn_network_layers(network), LENGTH(expected));
    for (size_t l = 0; l < LENGTH(expected); l++) {
        const mlpbn_layer *layer = mlpbn_network_layer(network, l);
        double *bias = api_tensor(network, l, MLPBN_BIAS, NULL);
        ck_assert_uint_eq(mlpbn_layer_units(layer), expected[l].units);
        ck_assert_int_eq(mlpbn_layer_activation(layer), expected[l].activation);
        ck_assert_int_eq(bias != NULL, expected[l].has_bias);
        ck_assert_ptr_null(mlpbn_layer_batchnorm(layer));
        free(bias);
    }
}

static mlpbn_network *create_three(const void *layers)
{
    mlpbn_network_options options;
    mlpbn_network *network = NULL;
    OK(mlpbn_network_options_init(&options, sizeof options));
    options.inputs = 5;
    OK(mlpbn_network_create(&network, &options, layers, 3));
    return network;
}

START_TEST(layers_of_an_older_program)
{
    const struct old_layer layers[] = {
        {sizeof layers[0], 7, MLPBN_RELU, 0},
        {sizeof layers[0], 4, MLPBN_IDENTITY, 1},
        {sizeof layers[0], 3, MLPBN_RELU, 1},
    };
    mlpbn_network *network = create_three(layers);
    size_t n;

    assert_layers(network);
    /* The initialization that is not in the struct is He's, not nothing. */
    double *weight = api_tensor(network, 0, MLPBN_WEIGHT, &n);
    ck_assert(api_largest(weight, n) > 0.1);
    free(weight);
    mlpbn_network_destroy(network);
}
END_TEST

START_TEST(layers_of_a_newer_program)
{
    struct new_layer layers[3];
    memset(layers, 0, sizeof layers);
    for (size_t l = 0; l < LENGTH(layers); l++)
        OK(mlpbn_layer_options_init(&layers[l].known, sizeof layers[l]));
    layers[0].known.units = 7;
    layers[0].known.bias = 0;
    layers[1].known.units = 4;
    layers[1].known.activation = MLPBN_IDENTITY;
    layers[2].known.units = 3;

    mlpbn_network *network = create_three(layers);
    assert_layers(network);
    mlpbn_network_destroy(network);

    mlpbn_network_options options;
    mlpbn_network *none = api_untouched();
    OK(mlpbn_network_options_init(&options, sizeof options));
    options.inputs = 5;
    layers[2].unknown[1] = 2.385;
    FAILS(MLPBN_EINVAL, "layer|2",
          mlpbn_network_create(&none, &options, &layers[0].known, 3));
    ck_assert_ptr_eq(none, api_untouched());
}
END_TEST

START_TEST(results_reach_to_the_end_of_a_short_struct)
{
    struct world world;
    mlpbn_metrics whole = api_metrics(), metrics = api_metrics();
    mlpbn_tensor tensor;

    world_make(&world, MLPBN_F64);
    metrics.struct_size = offsetof(mlpbn_metrics, correct);
    OK(mlpbn_evaluate(world.network, world.workspace, &world.data.rows, NULL, &whole));
    OK(mlpbn_evaluate(world.network, world.workspace, &world.data.rows, NULL, &metrics));
    ck_assert_uint_eq(metrics.struct_size, offsetof(mlpbn_metrics, correct));
    ck_assert_uint_eq(metrics.n, whole.n);
    ck_assert(metrics.loss == whole.loss && metrics.cost == whole.cost && whole.loss > 0);
    ck_assert(metrics.correct == 0 && metrics.accuracy == 0);

    OK(mlpbn_tensor_init(&tensor, sizeof tensor));
    tensor.struct_size = offsetof(mlpbn_tensor, kind);
    OK(mlpbn_network_tensor(&tensor, world.network, 1));
    ck_assert_uint_eq(tensor.index, 1);
    ck_assert_ptr_nonnull(tensor.name);
    ck_assert(tensor.columns == 0 && tensor.data == NULL);
    world_free(&world);
}
END_TEST

Suite *struct_size_suite(void)
{
    TCase *tests;
    Suite *suite = api_suite("struct_size", &tests);
    const int n = (int)LENGTH(structs);
    tcase_add_loop_test(tests, init_writes_exactly_its_size, 0, n);
    tcase_add_loop_test(tests, init_refuses_no_size, 0, n);
    tcase_add_test(tests, defaults_are_the_documented_ones);
    tcase_add_test(tests, defaults_of_training_are_the_documented_ones);
    tcase_add_test(tests, macros_initialize_as_the_functions_do);
    tcase_add_test(tests, views_and_results_begin_empty);
    tcase_add_loop_test(tests, calls_take_a_shorter_struct, 0, n);
    tcase_add_loop_test(tests, calls_take_a_longer_struct, 0, n);
    tcase_add_loop_test(tests, calls_refuse_unknown_fields_that_are_set, 0, n);
    tcase_add_loop_test(tests, calls_refuse_no_size, 0, n);
    tcase_add_test(tests, a_seed_past_the_end_is_the_default);
    tcase_add_test(tests, layers_of_an_older_program);
    tcase_add_test(tests, layers_of_a_newer_program);
    tcase_add_test(tests, results_reach_to_the_end_of_a_short_struct);
    return suite;
}
