/* Exports as C and as ONNX, and imports of ONNX: statuses, and what comes back. That others
 * read them, tests/tools/export.sh and tests/interop show. */
#include "api_helpers.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* --- Memory as a file ----------------------------------------------------------------- */

struct memory {
    unsigned char *bytes;
    size_t n, position;
    size_t room; /* after which writes fail */
};

static int write_memory(void *context, const void *bytes, size_t n)
{
    struct memory *m = context;
    if (n > m->room - m->n)
        return 2385;
    m->bytes = realloc(m->bytes, m->n + n);
    ck_assert_ptr_nonnull(m->bytes);
    memcpy(m->bytes + m->n, bytes, n);
    m->n += n;
    return 0;
}

static int read_memory(void *context, void *bytes, size_t n, size_t *got)
{
    struct memory *m = context;
    *got = n < m->n - m->position ? n : m->n - m->position;
    if (*got > 0)
        memcpy(bytes, m->bytes + m->position, *got);
    m->position += *got;
    return 0;
}

static int refuse(void *context, void *bytes, size_t n, size_t *got)
{
    (void)context, (void)bytes, (void)n, (void)got;
    return 2385;
}

static struct memory to_onnx(const mlpbn_network *network)
{
    struct memory m = {.room = SIZE_MAX};
    const mlpbn_writer writer = MLPBN_WRITER_INIT(write_memory, &m);
    OK(mlpbn_export_onnx_to(network, &writer, NULL));
    return m;
}

static mlpbn_status from_onnx(mlpbn_network **network, struct memory *m)
{
    const mlpbn_reader reader = MLPBN_READER_INIT(read_memory, m);
    m->position = 0;
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
        struct memory m = to_onnx(network);
        OK(from_onnx(&again, &m));
        assert_same_layers(again, network);
        double *y = outputs_of(again, &data.rows), *x = outputs_of(network, &data.rows);
        api_assert_close(y, x, ROWS * outputs, 2e-6 * api_largest(x, ROWS * outputs),
                         "outputs");
        free(x);
        free(y);
        free(m.bytes);
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
    struct memory m = {.room = SIZE_MAX};
    const mlpbn_writer writer = MLPBN_WRITER_INIT(write_memory, &m);
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
    free(m.bytes);
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

static struct memory read_file(const char *path)
{
    struct memory m = {.room = SIZE_MAX};
    unsigned char buffer[1000];
    size_t n;
    FILE *file = fopen(path, "rb");
    ck_assert_ptr_nonnull(file);
    while ((n = fread(buffer, 1, sizeof buffer, file)) > 0)
        ck_assert_int_eq(write_memory(&m, buffer, n), 0);
    fclose(file);
    return m;
}

START_TEST(file_and_writer_get_the_same_bytes)
{
    char path[] = "/tmp/mlpbn-export-XXXXXX";
    struct memory m = {.room = SIZE_MAX};
    const mlpbn_writer writer = MLPBN_WRITER_INIT(write_memory, &m);
    struct world w;

    world_make(&w, MLPBN_F32);
    const int descriptor = mkstemp(path);
    ck_assert_int_ge(descriptor, 0);
    close(descriptor);
    OK(exports[_i].to_file(w.network, path));
    OK(exports[_i].to_writer(w.network, &writer));
    struct memory written = read_file(path);
    ck_assert_uint_gt(m.n, 100);
    ck_assert_uint_eq(written.n, m.n);
    api_assert_same(written.bytes, m.bytes, m.n, "bytes");
    free(m.bytes);
    free(written.bytes);
    unlink(path);
    world_free(&w);
}
END_TEST

START_TEST(exports_refuse_what_is_wrong)
{
    struct memory m = {.room = 100};
    const mlpbn_writer writer = MLPBN_WRITER_INIT(write_memory, &m);
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
    FAILS(MLPBN_EIO, "writer|2385", exports[_i].to_writer(w.network, &writer));
    m.room = SIZE_MAX;
    OK(mlpbn_network_parameters_f32(&parameters, &n, w.network));
    parameters[1] = INFINITY;
    FAILS(MLPBN_ENONFINITE, "layer0.weight|1", exports[_i].to_writer(w.network, &writer));
    parameters[1] = 0;
    free(m.bytes);
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
    struct memory m = {.room = SIZE_MAX};
    const mlpbn_writer writer = MLPBN_WRITER_INIT(write_memory, &m);
    struct world w;

    world_make(&w, MLPBN_F64);
    for (size_t i = 0; i < LENGTH(bad); i++) {
        options.name = bad[i];
        FAILS(MLPBN_EINVAL, "name", mlpbn_export_c_to(w.network, &writer, &options));
    }
    options.name = NULL;
    FAILS(MLPBN_EINVAL, "name|NULL", mlpbn_export_c_to(w.network, &writer, &options));
    ck_assert_uint_eq(m.n, 0);
    options.name = "a23456789_123456789_123456789_123456789_123456789_123456789_";
    OK(mlpbn_export_c_to(w.network, &writer, &options));
    OK(m.bytes && write_memory(&m, "", 1) == 0 ? MLPBN_OK : MLPBN_EIO);
    ck_assert_ptr_nonnull(
        strstr((char *)m.bytes, "_predict(const double *x, double *y)"));
    free(m.bytes);
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

static void assert_refused(struct memory *m, mlpbn_status status, const char *words)
{
    mlpbn_network *network = api_untouched();
    FAILS(status, words, from_onnx(&network, m));
    ck_assert_ptr_eq(network, api_untouched());
}

/* Puts other bytes in the place of the first that are these. */
static void exchange(struct memory *m, const char *old, const char *new)
{
    const size_t n = strlen(old);
    ck_assert_uint_eq(n, strlen(new));
    for (size_t i = 0; i + n <= m->n; i++)
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
    struct memory m = to_onnx(w.network);
    exchange(&m, changes[_i].old, changes[_i].new);
    assert_refused(&m, changes[_i].status, changes[_i].words);
    free(m.bytes);
    world_free(&w);
}
END_TEST

/* Cut anywhere it is refused, and nothing is read that is not there (sanitizers watch). */
START_TEST(a_cut_onnx_file_is_refused)
{
    struct world w;
    world_make(&w, api_dtypes[_i]);
    struct memory whole = to_onnx(w.network);
    for (size_t n = 0; n < whole.n; n++) {
        struct memory cut = {.bytes = api_alloc(n + 1, 1), .n = n};
        memcpy(cut.bytes, whole.bytes, n);
        mlpbn_network *network = api_untouched();
        const mlpbn_status status = from_onnx(&network, &cut);
        ck_assert_msg(status == MLPBN_EFORMAT || status == MLPBN_EUNSUPPORTED,
                      "cut to %zu of %zu: status %d", n, whole.n, (int)status);
        ck_assert_ptr_eq(network, api_untouched());
        free(cut.bytes);
    }
    free(whole.bytes);
    world_free(&w);
}
END_TEST

START_TEST(import_refuses_what_is_wrong)
{
    struct memory m = {.room = SIZE_MAX};
    const mlpbn_reader reader = MLPBN_READER_INIT(read_memory, &m),
                       failing = MLPBN_READER_INIT(refuse, NULL);
    mlpbn_network *network = api_untouched();

    FAILS(MLPBN_EINVAL, "network|NULL", mlpbn_import_onnx(NULL, "/tmp/never"));
    FAILS(MLPBN_EINVAL, "path|NULL", mlpbn_import_onnx(&network, NULL));
    FAILS(MLPBN_EINVAL, "network|NULL", mlpbn_import_onnx_from(NULL, &reader));
    FAILS(MLPBN_EINVAL, "reader|NULL", mlpbn_import_onnx_from(&network, NULL));
    FAILS(MLPBN_EIO, "nowhere", mlpbn_import_onnx(&network, "/nowhere/at/all"));
    FAILS(MLPBN_EIO, "reader|2385", mlpbn_import_onnx_from(&network, &failing));
    assert_refused(&m, MLPBN_EFORMAT, "graph|ONNX");
    OK(write_memory(&m, "a file of another kind", 22) ? MLPBN_EIO : MLPBN_OK);
    assert_refused(&m, MLPBN_EFORMAT, "byte");
    free(m.bytes);
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
