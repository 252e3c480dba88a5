/* Exports as C and as ONNX, and imports of ONNX: statuses, and what comes back. That others
 * read them, tests/tools/export.sh and tests/interop show. */
#include "file_helpers.h"

#include <stdlib.h>
#include <string.h>

static struct memory_file to_onnx(const mlpbn_network *network)
{
    struct memory_file file = memory_file_new();
    const mlpbn_writer writer = memory_writer(&file);
    OK(mlpbn_export_onnx_to(network, &writer, NULL));
    return file;
}

static mlpbn_status from_onnx(mlpbn_network **network, struct memory_file *file)
{
    const mlpbn_reader reader = memory_reader(file);
    return mlpbn_import_onnx_from(network, &reader);
}

/* --- There and back ------------------------------------------------------------------- */

static const mlpbn_batchnorm_options after = {sizeof after, 0.0385, 0.9, 0, 1, 1, 1, 0},
                                     plain = {sizeof plain, 1e-5, 0.8, 0, 1, 0, 0, 0},
                                     tiny = {sizeof tiny, 1e-30, 0.9, 0, 1, 1, 0, 0};

static const struct recipe shapes[] = {
    {.inputs = 1, .units = {1}},
    {.inputs = 9, .units = {6, 5}, .batchnorm = 3, .no_bias = 1},
    {.inputs = 9, .units = {6, 5}, .batchnorm = 3, .batchnorm_options = &after},
    {.inputs = 9, .units = {6, 5}, .batchnorm = 3, .batchnorm_options = &plain},
    {.inputs = 9, .units = {6, 5}, .batchnorm = 1, .batchnorm_options = &tiny},
    {.inputs = 9, .units = {6, 5}, .hidden = MLPBN_LEAKY_RELU, .alpha = 0.2385},
    {.inputs = 9, .units = {6, 5}, .hidden = MLPBN_ELU, .last = MLPBN_SOFTMAX},
    {.inputs = 9, .units = {6, 5}, .hidden = MLPBN_SELU, .last = MLPBN_SOFTPLUS},
    {.inputs = 9, .units = {6, 5}, .hidden = MLPBN_TANH, .last = MLPBN_SILU},
    {.inputs = 9, .units = {6, 5}, .hidden = MLPBN_GELU, .last = MLPBN_GELU_TANH},
    {.inputs = 9, .units = {6, 5}, .hidden = MLPBN_SIGMOID, .batchnorm = 2},
};

enum { ROWS = 13 };

static double *outputs_of(const mlpbn_network *network, const mlpbn_rows *rows)
{
    double *y = api_alloc(rows->n * mlpbn_network_outputs(network), sizeof *y);
    mlpbn_workspace *workspace = api_workspace(network, rows->n, 1);
    OK(api_predict(network, workspace, rows, y));
    mlpbn_workspace_destroy(workspace);
    return y;
}

static void assert_same_layers(const mlpbn_network *a, const mlpbn_network *b)
{
    ck_assert_uint_eq(mlpbn_network_layers(a), mlpbn_network_layers(b));
    ck_assert_int_eq(mlpbn_network_dtype(a), mlpbn_network_dtype(b));
    for (size_t l = 0; l < mlpbn_network_layers(a); l++) {
        const mlpbn_layer *p = mlpbn_network_layer(a, l), *q = mlpbn_network_layer(b, l);
        const mlpbn_batchnorm *n = mlpbn_layer_batchnorm(p),
                              *m = mlpbn_layer_batchnorm(q);
        ck_assert_int_eq(mlpbn_layer_activation(p), mlpbn_layer_activation(q));
        api_assert_near(mlpbn_layer_alpha(p), mlpbn_layer_alpha(q), 1e-7, "alpha");
        ck_assert_int_eq(n == NULL, m == NULL);
        if (!n || !m)
            continue;
        api_assert_near(mlpbn_batchnorm_eps(n), mlpbn_batchnorm_eps(m), 1e-8, "eps");
        api_assert_near(mlpbn_batchnorm_decay(n), mlpbn_batchnorm_decay(m), 1e-7,
                        "decay");
        if (mlpbn_layer_activation(p) != MLPBN_IDENTITY) /* or there is no telling */
            ck_assert_int_eq(mlpbn_batchnorm_after_activation(n),
                             mlpbn_batchnorm_after_activation(m));
    }
}

/* alpha, epsilon and momentum are floats in ONNX. */
START_TEST(onnx_comes_back)
{
    for (size_t d = 0; d < N_DTYPES; d++) {
        struct recipe recipe = shapes[_i];
        struct data data;
        mlpbn_network *again;
        recipe.dtype = api_dtypes[d];
        mlpbn_network *network = api_network(&recipe);
        const size_t outputs = mlpbn_network_outputs(network);
        data_make(&data, MLPBN_U8, ROWS, recipe.inputs, outputs, 77);
        if (_i % 2)
            OK(mlpbn_network_fit_standardization(network, &data.rows));
        struct memory_file m = to_onnx(network);
        OK(from_onnx(&again, &m));
        assert_same_layers(again, network);
        double *y = outputs_of(again, &data.rows), *x = outputs_of(network, &data.rows);
        api_assert_close(y, x, ROWS * outputs, 2e-6 * api_largest(x, ROWS * outputs),
                         "outputs");
        free(x);
        free(y);
        memory_file_free(&m);
        data_free(&data);
        mlpbn_network_destroy(again);
        mlpbn_network_destroy(network);
    }
}
END_TEST

/* As the last node, and only where the outputs are not yet something else. */
START_TEST(softmax_is_added_when_asked)
{
    struct recipe recipe = {.dtype = MLPBN_F32, .inputs = 3, .units = {4, 2}};
    mlpbn_export_onnx_options options = MLPBN_EXPORT_ONNX_OPTIONS_INIT;
    struct memory_file m = memory_file_new();
    const mlpbn_writer writer = memory_writer(&m);
    mlpbn_network *network = api_network(&recipe), *again;

    options.softmax = 1;
    OK(mlpbn_export_onnx_to(network, &writer, &options));
    OK(from_onnx(&again, &m));
    ck_assert_int_eq(mlpbn_layer_activation(mlpbn_network_layer(again, 1)),
                     MLPBN_SOFTMAX);
    mlpbn_network_destroy(again);
    mlpbn_network_destroy(network);
    recipe.last_relu = 1;
    network = api_network(&recipe);
    FAILS(MLPBN_EINVAL, "softmax", mlpbn_export_onnx_to(network, &writer, &options));
    options.softmax = 2;
    FAILS(MLPBN_EINVAL, "softmax|2", mlpbn_export_onnx_to(network, &writer, &options));
    mlpbn_network_destroy(network);
    memory_file_free(&m);
}
END_TEST

/* --- Files and writers ---------------------------------------------------------------- */

typedef mlpbn_status export_file(const mlpbn_network *network, const char *path);
typedef mlpbn_status export_writer(const mlpbn_network *network,
                                   const mlpbn_writer *writer);

static mlpbn_status c_file(const mlpbn_network *network, const char *path)
{
    return mlpbn_export_c(network, path, NULL);
}

static mlpbn_status c_writer(const mlpbn_network *network, const mlpbn_writer *writer)
{
    return mlpbn_export_c_to(network, writer, NULL);
}

static mlpbn_status onnx_file(const mlpbn_network *network, const char *path)
{
    return mlpbn_export_onnx(network, path, NULL);
}

static mlpbn_status onnx_writer(const mlpbn_network *network, const mlpbn_writer *writer)
{
    return mlpbn_export_onnx_to(network, writer, NULL);
}

static const struct {
    export_file *to_file;
    export_writer *to_writer;
} exports[] = {{c_file, c_writer}, {onnx_file, onnx_writer}};

START_TEST(file_and_writer_get_the_same_bytes)
{
    struct memory_file m = memory_file_new();
    const mlpbn_writer writer = memory_writer(&m);
    struct world w;

    world_make(&w, MLPBN_F32);
    temporary_folder();
    OK(exports[_i].to_file(w.network, temporary_path("exported")));
    OK(exports[_i].to_writer(w.network, &writer));
    struct memory_file written = file_read(temporary_path("exported"));
    ck_assert_uint_gt(m.size, 100);
    memory_assert_equal(&written, &m, "file");
    memory_file_free(&m);
    memory_file_free(&written);
    remove_temporary_folder();
    world_free(&w);
}
END_TEST

START_TEST(exports_refuse_what_is_wrong)
{
    struct memory_file m = memory_file_new();
    const mlpbn_writer writer = memory_writer(&m);
    const mlpbn_writer none = MLPBN_WRITER_INIT(NULL, NULL);
    float *parameters;
    size_t n;
    struct world w;

    world_make(&w, MLPBN_F32);
    FAILS(MLPBN_EINVAL, "network|NULL", exports[_i].to_file(NULL, "/tmp/never"));
    FAILS(MLPBN_EINVAL, "path|NULL", exports[_i].to_file(w.network, NULL));
    FAILS(MLPBN_EINVAL, "network|NULL", exports[_i].to_writer(NULL, &writer));
    FAILS(MLPBN_EINVAL, "writer|NULL", exports[_i].to_writer(w.network, NULL));
    FAILS(MLPBN_EINVAL, "write|NULL", exports[_i].to_writer(w.network, &none));
    FAILS(MLPBN_EIO, "nowhere", exports[_i].to_file(w.network, "/nowhere/at/all"));
    m.room = 100;
    m.failure = 2385;
    FAILS(MLPBN_EIO, "writer|2385", exports[_i].to_writer(w.network, &writer));
    m.room = SIZE_MAX;
    OK(mlpbn_network_parameters_f32(&parameters, &n, w.network));
    parameters[1] = INFINITY;
    FAILS(MLPBN_ENONFINITE, "layer0.weight|1", exports[_i].to_writer(w.network, &writer));
    parameters[1] = 0;
    memory_file_free(&m);
    world_free(&w);
}
END_TEST

START_TEST(c_refuses_names_that_are_none)
{
    static const char *const bad[] = {
        "",
        "7net",
        "_net",
        "net-work",
        "net work",
        "n\xc3\xa9t",
        "a1234567890123456789012345678901234567890123456789012345678901"};
    mlpbn_export_c_options options = MLPBN_EXPORT_C_OPTIONS_INIT;
    struct memory_file m = memory_file_new();
    const mlpbn_writer writer = memory_writer(&m);
    struct world w;

    world_make(&w, MLPBN_F64);
    for (size_t i = 0; i < LENGTH(bad); i++) {
        options.name = bad[i];
        FAILS(MLPBN_EINVAL, "name", mlpbn_export_c_to(w.network, &writer, &options));
    }
    options.name = NULL;
    FAILS(MLPBN_EINVAL, "name|NULL", mlpbn_export_c_to(w.network, &writer, &options));
    ck_assert_uint_eq(m.size, 0);
    options.name = "a23456789_123456789_123456789_123456789_123456789_123456789_";
    OK(mlpbn_export_c_to(w.network, &writer, &options));
    ck_assert_int_eq(writer.write(writer.context, "", 1), 0); /* the end of a string */
    ck_assert_ptr_nonnull(strstr(m.bytes, "_predict(const double *x, double *y)"));
    memory_file_free(&m);
    world_free(&w);
}
END_TEST

START_TEST(options_begin_with_their_defaults)
{
    mlpbn_export_c_options c;
    mlpbn_export_onnx_options onnx;

    OK(mlpbn_export_c_options_init(&c, sizeof c));
    ck_assert(c.struct_size == sizeof c && strcmp(c.name, "net") == 0);
    OK(mlpbn_export_onnx_options_init(&onnx, sizeof onnx));
    ck_assert(onnx.struct_size == sizeof onnx && onnx.softmax == 0);
    FAILS(MLPBN_EINVAL, "NULL", mlpbn_export_c_options_init(NULL, sizeof c));
    FAILS(MLPBN_EINVAL, "NULL", mlpbn_export_onnx_options_init(NULL, sizeof onnx));
    FAILS(MLPBN_EINVAL, "struct_size|3", mlpbn_export_c_options_init(&c, 3));
    FAILS(MLPBN_EINVAL, "struct_size|3", mlpbn_export_onnx_options_init(&onnx, 3));
}
END_TEST

/* --- Broken ONNX ----------------------------------------------------------------------- */

static void assert_refused(struct memory_file *m, mlpbn_status status, const char *words)
{
    mlpbn_network *network = api_untouched();
    FAILS(status, words, from_onnx(&network, m));
    ck_assert_ptr_eq(network, api_untouched());
}

/* Puts other bytes in the place of the first that are these. */
static void exchange(struct memory_file *m, const char *old, const char *new)
{
    const size_t n = strlen(old);
    ck_assert_uint_eq(n, strlen(new));
    for (size_t i = 0; i + n <= m->size; i++)
        if (memcmp(m->bytes + i, old, n) == 0) {
            memcpy(m->bytes + i, new, n);
            return;
        }
    ck_abort_msg("no %s", old);
}

static const struct {
    const char *old, *new;
    mlpbn_status status;
    const char *words;
} changes[] = {
    {"\"\x04Relu", "\"\x04Rely", MLPBN_EUNSUPPORTED, "Relu3|Rely"},
    {"transB", "transA", MLPBN_EFORMAT, "Gemm1|input"},
    {"layer0.weight", "layer0.height", MLPBN_EUNSUPPORTED, "Gemm1|matrix"},
    {"layer1.weight", "layer1.height", MLPBN_EUNSUPPORTED, "Gemm4|matrix"},
    {"layer1.bias", "layer1.bass", MLPBN_EUNSUPPORTED, "Gemm4|bias"},
    {"layer0.gamma", "layer0.gemma", MLPBN_EUNSUPPORTED, "BatchNormalization2"},
    {"epsilon\x15", "epsilon\x17", MLPBN_EFORMAT, "byte"},
};

START_TEST(a_changed_onnx_file_is_refused)
{
    struct world w;
    world_make(&w, MLPBN_F32);
    struct memory_file m = to_onnx(w.network);
    exchange(&m, changes[_i].old, changes[_i].new);
    assert_refused(&m, changes[_i].status, changes[_i].words);
    memory_file_free(&m);
    world_free(&w);
}
END_TEST

/* Cut anywhere it is refused, and nothing is read that is not there (sanitizers watch). */
START_TEST(a_cut_onnx_file_is_refused)
{
    struct world w;
    world_make(&w, api_dtypes[_i]);
    struct memory_file whole = to_onnx(w.network);
    for (size_t n = 0; n < whole.size; n++) {
        struct memory_file cut = memory_file_new();
        const mlpbn_writer writer = memory_writer(&cut);
        ck_assert_int_eq(n > 0 && writer.write(writer.context, whole.bytes, n), 0);
        mlpbn_network *network = api_untouched();
        const mlpbn_status status = from_onnx(&network, &cut);
        ck_assert_msg(status == MLPBN_EFORMAT || status == MLPBN_EUNSUPPORTED,
                      "cut to %zu of %zu: status %d", n, whole.size, (int)status);
        ck_assert_ptr_eq(network, api_untouched());
        memory_file_free(&cut);
    }
    memory_file_free(&whole);
    world_free(&w);
}
END_TEST

START_TEST(import_refuses_what_is_wrong)
{
    struct memory_file m = memory_file_new(), broken = memory_file_new();
    const mlpbn_writer writer = memory_writer(&m);
    const mlpbn_reader reader = memory_reader(&m), failing = memory_reader(&broken);
    mlpbn_network *network = api_untouched();

    FAILS(MLPBN_EINVAL, "network|NULL", mlpbn_import_onnx(NULL, "/tmp/never"));
    FAILS(MLPBN_EINVAL, "path|NULL", mlpbn_import_onnx(&network, NULL));
    FAILS(MLPBN_EINVAL, "network|NULL", mlpbn_import_onnx_from(NULL, &reader));
    FAILS(MLPBN_EINVAL, "reader|NULL", mlpbn_import_onnx_from(&network, NULL));
    FAILS(MLPBN_EIO, "nowhere", mlpbn_import_onnx(&network, "/nowhere/at/all"));
    broken.room = 0;
    broken.failure = 2385;
    FAILS(MLPBN_EIO, "reader|2385", mlpbn_import_onnx_from(&network, &failing));
    assert_refused(&m, MLPBN_EFORMAT, "graph|ONNX");
    ck_assert_int_eq(writer.write(writer.context, "a file of another kind", 22), 0);
    assert_refused(&m, MLPBN_EFORMAT, "byte");
    memory_file_free(&m);
    ck_assert_ptr_eq(network, api_untouched());
}
END_TEST

Suite *export_suite(void)
{
    TCase *tests;
    Suite *suite = api_suite("export", &tests);
    tcase_add_loop_test(tests, onnx_comes_back, 0, LENGTH(shapes));
    tcase_add_test(tests, softmax_is_added_when_asked);
    tcase_add_loop_test(tests, file_and_writer_get_the_same_bytes, 0, LENGTH(exports));
    tcase_add_loop_test(tests, exports_refuse_what_is_wrong, 0, LENGTH(exports));
    tcase_add_test(tests, c_refuses_names_that_are_none);
    tcase_add_test(tests, options_begin_with_their_defaults);
    tcase_add_loop_test(tests, a_changed_onnx_file_is_refused, 0, LENGTH(changes));
    tcase_add_loop_test(tests, a_cut_onnx_file_is_refused, 0, N_DTYPES);
    tcase_add_test(tests, import_refuses_what_is_wrong);
    return suite;
}
