/* Exports as C and as ONNX, and imports of ONNX: statuses, and what comes back. That others
 * read them, tests/tools/export.sh and tests/interop show. */
#include "file_helpers.h"

static struct memory_file to_onnx(const mlpbn_network *network,
                                  const mlpbn_export_onnx_options *options)
{
    struct memory_file file = memory_file_new();
    const mlpbn_writer writer = memory_writer(&file);
    OK(mlpbn_export_onnx_to(network, &writer, options));
    return file;
}

static mlpbn_status from_onnx(mlpbn_network **network, struct memory_file *file)
{
    const mlpbn_reader reader = memory_reader(file);
    return mlpbn_import_onnx_from(network, &reader);
}

static mlpbn_network *imported(struct memory_file *file)
{
    mlpbn_network *network;
    OK(from_onnx(&network, file));
    return own_network(network);
}

/* --- There and back ------------------------------------------------------------------- */

enum { ROWS = 13 };

/* alpha, epsilon and momentum are floats in ONNX. Every second is standardized. */
LOOP_DTYPE_TEST(onnx_comes_back, N_SHAPES + LAST_ACTIVATION)
{
    const struct spec *spec = spec_or_activation(api_shapes, N_SHAPES, _i,
                                                 SPEC(dtype, 9, {6, 5}, .alpha = 0.2385));
    const struct setup s = setup_of(spec, MLPBN_U8, ROWS);
    if (_i % 2)
        OK(mlpbn_network_fit_standardization(s.network, &s.rows));
    struct memory_file file = to_onnx(s.network, NULL);
    const mlpbn_network *again = imported(&file);
    api_assert_same_layers(again, s.network, 1e-7);
    const double *expected = api_outputs(s.network, &s.rows);
    api_assert_close_arrays(api_outputs(again, &s.rows), expected,
                            2e-6 * api_largest(expected), "outputs");
}

/* As the last node, and only where the outputs are not yet something else. */
TEST(softmax_is_added_when_asked)
{
    const mlpbn_network *logits = NETWORK(MLPBN_F32, 3, {4, 2});
    const mlpbn_network *relu = NETWORK(MLPBN_F32, 3, {4, 2}, .last_relu = 1);
    mlpbn_export_onnx_options options = MLPBN_EXPORT_ONNX_OPTIONS_INIT;
    options.softmax = 1;
    struct memory_file file = to_onnx(logits, &options);
    const mlpbn_writer writer = memory_writer(&file);
    ck_assert_int_eq(mlpbn_layer_activation(mlpbn_network_layer(imported(&file), 1)),
                     MLPBN_SOFTMAX);
    INVALID("softmax", mlpbn_export_onnx_to(relu, &writer, &options));
    options.softmax = 2;
    INVALID("softmax|2", mlpbn_export_onnx_to(relu, &writer, &options));
}

/* --- Files and writers ---------------------------------------------------------------- */

/* As C, or as ONNX, with the default options. */
static mlpbn_status to_file(int as_onnx, const mlpbn_network *network, const char *path)
{
    return as_onnx ? mlpbn_export_onnx(network, path, NULL)
                   : mlpbn_export_c(network, path, NULL);
}

static mlpbn_status to_writer(int as_onnx, const mlpbn_network *network,
                              const mlpbn_writer *writer)
{
    return as_onnx ? mlpbn_export_onnx_to(network, writer, NULL)
                   : mlpbn_export_c_to(network, writer, NULL);
}

LOOP_TEST(file_and_writer_get_the_same_bytes, 2)
{
    const mlpbn_network *network = setup_default(MLPBN_F32).network;
    const char *path = temporary_path("exported");
    struct memory_file file = memory_file_new();
    const mlpbn_writer writer = memory_writer(&file);
    OK(to_file(_i, network, path));
    OK(to_writer(_i, network, &writer));
    ck_assert_uint_gt(file.size, 100);
    memory_assert_equal(file_read(path), file, "file");
}

LOOP_TEST(exports_refuse_bad_arguments, 2)
{
    mlpbn_network *network = setup_default(MLPBN_F32).network;
    struct memory_file file = memory_file_new();
    const mlpbn_writer writer = memory_writer(&file);
    const mlpbn_writer none = MLPBN_WRITER_INIT(NULL, NULL);
    INVALID("network|NULL", to_file(_i, NULL, "/tmp/never"));
    INVALID("path|NULL", to_file(_i, network, NULL));
    INVALID("network|NULL", to_writer(_i, NULL, &writer));
    INVALID("writer|NULL", to_writer(_i, network, NULL));
    INVALID("write|NULL", to_writer(_i, network, &none));
    FAILS(MLPBN_EIO, "nowhere", to_file(_i, network, "/nowhere/at/all"));
    file.room = 100;
    file.failure = 2385;
    FAILS(MLPBN_EIO, "writer|2385", to_writer(_i, network, &writer));
    file.room = SIZE_MAX;
    api_store(api_parameters_in_place(network), MLPBN_F32, 1, HUGE_VAL);
    NONFINITE("layer0.weight|1", to_writer(_i, network, &writer));
}

TEST(options_have_defaults_and_bad_names_are_refused)
{
    static const char too_long[] =
        "a1234567890123456789012345678901234567890123456789012345678901";
    static const char *const bad[] = {"",         "7net",       "_net",  "net-work",
                                      "net work", "n\xc3\xa9t", too_long};
    const mlpbn_network *network = setup_default(MLPBN_F64).network;
    mlpbn_export_c_options options;
    mlpbn_export_onnx_options onnx;
    struct memory_file file = memory_file_new();
    const mlpbn_writer writer = memory_writer(&file);
    OK(mlpbn_export_c_options_init(&options, sizeof options));
    ck_assert(options.struct_size == sizeof options && strcmp(options.name, "net") == 0);
    OK(mlpbn_export_onnx_options_init(&onnx, sizeof onnx));
    ck_assert(onnx.struct_size == sizeof onnx && onnx.softmax == 0);
    INVALID("NULL", mlpbn_export_c_options_init(NULL, sizeof options));
    INVALID("NULL", mlpbn_export_onnx_options_init(NULL, sizeof onnx));
    INVALID("struct_size|3", mlpbn_export_c_options_init(&options, 3));
    INVALID("struct_size|3", mlpbn_export_onnx_options_init(&onnx, 3));
    options.struct_size = onnx.struct_size = 2 * sizeof(size_t) + 1; /* within a field */
    INVALID("c_options|struct_size", mlpbn_export_c_to(network, &writer, &options));
    INVALID("onnx_options|struct_size", mlpbn_export_onnx_to(network, &writer, &onnx));
    options.struct_size = sizeof options;
    for (size_t i = 0; i < LENGTH(bad); i++) {
        options.name = bad[i];
        INVALID("name", mlpbn_export_c_to(network, &writer, &options));
    }
    options.name = NULL;
    INVALID("name|NULL", mlpbn_export_c_to(network, &writer, &options));
    ck_assert_uint_eq(file.size, 0);
    options.name = "a23456789_123456789_123456789_123456789_123456789_123456789_";
    OK(mlpbn_export_c_to(network, &writer, &options));
    ck_assert_int_eq(writer.write(writer.context, "", 1), 0); /* the end of a string */
    ck_assert_ptr_nonnull(strstr(file.bytes, "_predict(const double *x, double *y)"));
}

/* --- Broken ONNX ----------------------------------------------------------------------- */

static void assert_refused(struct memory_file *file, mlpbn_status status,
                           const char *words)
{
    mlpbn_network *network = api_untouched();
    FAILS(status, words, from_onnx(&network, file));
    ck_assert_ptr_eq(network, api_untouched());
}

/* Puts n other bytes in the place of the first that are these. */
static void exchange_bytes(struct memory_file *file, const char *old, const char *new,
                           size_t n)
{
    size_t i = 0;
    while (i + n <= file->size && memcmp(file->bytes + i, old, n) != 0)
        i++;
    ck_assert_msg(i + n <= file->size, "no %s", old);
    memcpy(file->bytes + i, new, n);
}

static void exchange(struct memory_file *file, const char *old, const char *new)
{
    ck_assert_uint_eq(strlen(old), strlen(new));
    exchange_bytes(file, old, new, strlen(old));
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

LOOP_TEST(a_changed_onnx_file_is_refused, LENGTH(changes))
{
    struct memory_file file = to_onnx(setup_default(MLPBN_F32).network, NULL);
    exchange(&file, changes[_i].old, changes[_i].new);
    assert_refused(&file, changes[_i].status, changes[_i].words);
}

/* Versions of the operators: before 14 a second output means training, later it is invalid
 * in prediction mode. */
static const char opsets[] = {7, 9, 13, 14, 15};

/* In the place of the attribute epsilon, a second output of the same size; its name is the
 * content of the attribute. Or one without a name: what follows it are no fields of a node. */
LOOP_TEST(batchnorm_with_outputs_of_statistics_is_refused, LENGTH(opsets))
{
    static const char epsilon[] = "*\x11\n\aepsilon", output[] = "\x12\x11\n\aepsilon",
                      nameless[] = "\x12\0\n\aepsilon";
    struct memory_file file = to_onnx(setup_default(MLPBN_F32).network, NULL);
    file.bytes[file.size - 1] = opsets[_i]; /* the last field */
    imported(&file);
    exchange_bytes(&file, epsilon, nameless, strlen(epsilon));
    imported(&file);
    exchange_bytes(&file, nameless, output, strlen(epsilon));
    assert_refused(&file, MLPBN_EUNSUPPORTED,
                   "BatchNormalization2|training mode|model.eval()");
}

/* Cut anywhere it is refused, and nothing is read that is not there (sanitizers watch). */
DTYPE_TEST(a_cut_onnx_file_is_refused)
{
    const struct memory_file whole = to_onnx(setup_default(dtype).network, NULL);
    for (size_t n = 0; n < whole.size; n++) {
        struct memory_file cut = whole;
        mlpbn_network *network = api_untouched();
        cut.size = n;
        const mlpbn_status status = from_onnx(&network, &cut);
        ck_assert_msg(status == MLPBN_EFORMAT || status == MLPBN_EUNSUPPORTED,
                      "cut to %zu of %zu: status %d", n, whole.size, (int)status);
        ck_assert_ptr_eq(network, api_untouched());
    }
}

TEST(import_refuses_bad_arguments)
{
    struct memory_file file = memory_file_new(), broken = memory_file_new();
    const mlpbn_writer writer = memory_writer(&file);
    const mlpbn_reader reader = memory_reader(&file), failing = memory_reader(&broken);
    mlpbn_network *network = api_untouched();
    INVALID("network|NULL", mlpbn_import_onnx(NULL, "/tmp/never"));
    INVALID("path|NULL", mlpbn_import_onnx(&network, NULL));
    INVALID("network|NULL", mlpbn_import_onnx_from(NULL, &reader));
    INVALID("reader|NULL", mlpbn_import_onnx_from(&network, NULL));
    FAILS(MLPBN_EIO, "nowhere", mlpbn_import_onnx(&network, "/nowhere/at/all"));
    broken.room = 0;
    broken.failure = 2385;
    FAILS(MLPBN_EIO, "reader|2385", mlpbn_import_onnx_from(&network, &failing));
    assert_refused(&file, MLPBN_EFORMAT, "graph|ONNX");
    ck_assert_int_eq(writer.write(writer.context, "a file of another kind", 22), 0);
    assert_refused(&file, MLPBN_EFORMAT, "byte");
    ck_assert_ptr_eq(network, api_untouched());
}
