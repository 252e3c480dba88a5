/* Saving networks and loading them again: the same bits, in files of libmlpbn and of
 * others; streams and paths, and what is wrong with them. */
#include "file_helpers.h"

#include <locale.h>
#include <sys/stat.h>
#include <unistd.h>

static const mlpbn_batchnorm_options presets[] = {
    MLPBN_BATCHNORM_OPTIONS_INIT,
    MLPBN_BATCHNORM_PYTORCH_INIT,
    MLPBN_BATCHNORM_KERAS_INIT,
    MLPBN_BATCHNORM_ONNX_INIT,
    {sizeof(mlpbn_batchnorm_options), 2.385e-4, 0.8125, 1, 1, 0, 1, 1},
};

/* 4-5-3 with batchnorm behind the first layer, number i of many: every dtype, activation,
 * preset and kind of standardization is among them. */
enum { VARIANTS = 2 * LAST_ACTIVATION * 5 };

static mlpbn_network *variant(int i)
{
    const mlpbn_activation activation = (mlpbn_activation)(1 + i / 2 % LAST_ACTIVATION);
    const int is_last = activation == MLPBN_SOFTMAX;
    mlpbn_network *network =
        NETWORK(api_dtypes[i % 2], 4, {5, 3}, .batchnorm_mask = 1,
                .no_bias_mask = i % 3 == 0, .hidden = is_last ? MLPBN_TANH : activation,
                .last = is_last ? activation : MLPBN_IDENTITY,
                .alpha = i % 5 == 0 ? 0. : 0.2385, .dropout = i % 3 == 1 ? 0.385 : 0.,
                .norm = presets + i % 5, .default_statistics = i % 7 == 0);
    const double mean[] = {2.385, -0.71, 1e-3, -0.}, std[] = {1.61, 0.4375, 3.3, 1.};
    double small[4];
    for (int j = 0; j < 4; j++)
        small[j] = std[j] * 1e-4;
    OK(mlpbn_network_freeze_statistics(network, 0, i % 11 == 0));
    if (i % 4 > 0)
        OK(mlpbn_network_set_standardization(network, mean, i % 4 == 1 ? small : std, 4));
    return network;
}

static mlpbn_network *loaded_from(struct memory_file *file,
                                  const mlpbn_load_options *options)
{
    mlpbn_network *network;
    OK(memory_load(&network, file, options));
    return own_network(network);
}

/* A step uses what has no getter: batchnorm's conventions, and whether its statistics are
 * the initial ones. */
static void train(mlpbn_network *network)
{
    const struct data data = data_make(MLPBN_F32, 7, 4, 3, 71);
    OK(mlpbn_train_step(network, api_optimizer(network, 0.0385, 0., 0),
                        api_workspace(network, 8, 1), &data.rows, &api_squares, NULL));
}

LOOP_TEST(loads_what_was_saved, VARIANTS)
{
    mlpbn_network *network = variant(_i);
    struct memory_file file = memory_save(network);
    file.most = _i % 4 == 3 ? 1 : 0;
    mlpbn_network *loaded = loaded_from(&file, NULL);
    api_assert_equal(network, loaded, "loaded");
    api_assert_same_layers(network, loaded, 0);
    memory_assert_equal(file, memory_save(loaded), "saved again");
    train(network);
    train(loaded);
    api_assert_equal(network, loaded, "a step later");
}

static void write_file(const char *path, const char *text)
{
    FILE *file = fopen(path, "wb");
    ck_assert_ptr_nonnull(file);
    ck_assert_int_ge(fputs(text, file), 0);
    ck_assert_int_eq(fclose(file), 0);
}

static int exists(const char *path)
{
    struct stat status;
    return lstat(path, &status) == 0;
}

TEST(paths_and_writers_get_the_same_bytes)
{
    mlpbn_network *network = variant(3), *loaded;
    char before[1000];
    const char *path = temporary_path("net.safetensors");
    const struct memory_file file = memory_save(network);
    struct stat status;
    OK(mlpbn_network_save(network, path));
    memory_assert_equal(file, file_read(path), "first save");
    ck_assert_int_eq(chmod(path, 0600), 0);
    write_file(temporary_path("net.safetensors.tmp"), "left by a killed process");
    OK(mlpbn_network_save(network, path));
    memory_assert_equal(file, file_read(path), "second save");
    ck_assert_int_eq(stat(path, &status), 0);
    ck_assert_int_eq(status.st_mode & 0777, 0600); /* still private */
    ck_assert(!exists(temporary_path("net.safetensors.tmp")));
    OK(mlpbn_network_load(&loaded, path, NULL));
    api_assert_equal(network, own_network(loaded), "from a path");
    /* A relative path is enough. */
    ck_assert_ptr_nonnull(getcwd(before, sizeof before));
    ck_assert_int_eq(chdir(temporary_folder()), 0);
    OK(mlpbn_network_save(network, "net"));
    ck_assert(exists("net") && !exists("net.tmp"));
    ck_assert_int_eq(chdir(before), 0);
}

/* The host's locale has a comma where C has a point. */
TEST(locales_change_nothing)
{
    static const char *const commas[] = {"de_DE.UTF-8", "de_DE.utf8", "de_DE",
                                         "fr_FR.UTF-8", "nl_NL.UTF-8"};
    mlpbn_network *network = variant(1);
    struct memory_file file = memory_save(network);
    const char *set = NULL;
    for (size_t i = 0; i < LENGTH(commas) && !set; i++)
        set = setlocale(LC_ALL, commas[i]);
    if (!set)
        fputs("file: no locale with a comma here, one with a point was tested\n", stderr);
    memory_assert_equal(file, memory_save(network), "saved elsewhere");
    mlpbn_network *loaded = loaded_from(&file, NULL);
    setlocale(LC_ALL, "C");
    api_assert_equal(network, loaded, "loaded elsewhere");
}

/* --- Refusals ----------------------------------------------------------------------- */

TEST(bad_arguments_are_refused)
{
    mlpbn_network *network = variant(0), *loaded = api_untouched();
    struct memory_file file = memory_save(network);
    mlpbn_writer writer = memory_writer(&file);
    mlpbn_reader reader = memory_reader(&file);
    INVALID("writer|NULL", mlpbn_writer_init(NULL, sizeof writer));
    INVALID("reader|struct_size", mlpbn_reader_init(&reader, 3));
    INVALID("load_options|NULL",
            mlpbn_load_options_init(NULL, sizeof(mlpbn_load_options)));
    INVALID("network|NULL", mlpbn_network_save(NULL, "x"));
    INVALID("path|NULL", mlpbn_network_save(network, NULL));
    INVALID("network|NULL", mlpbn_network_save_to(NULL, &writer));
    INVALID("writer|NULL", mlpbn_network_save_to(network, NULL));
    INVALID("network|NULL", mlpbn_network_load(NULL, "x", NULL));
    INVALID("path|NULL", mlpbn_network_load(&loaded, NULL, NULL));
    INVALID("network|NULL", mlpbn_network_load_from(NULL, &reader, NULL));
    INVALID("reader|NULL", mlpbn_network_load_from(&loaded, NULL, NULL));
    writer.write = NULL;
    INVALID("write|NULL", mlpbn_network_save_to(network, &writer));
    reader.read = NULL;
    INVALID("read|NULL", mlpbn_network_load_from(&loaded, &reader, NULL));
    for (int i = 0; i < 2; i++) {
        writer.struct_size = i ? sizeof writer - 1 : 1;
        INVALID("writer|struct_size", mlpbn_network_save_to(network, &writer));
        reader.struct_size = i ? sizeof reader - 1 : 1;
        INVALID("reader|struct_size", mlpbn_network_load_from(&loaded, &reader, NULL));
    }
    ck_assert_ptr_eq(loaded, api_untouched());
}

TEST(streams_fail)
{
    mlpbn_network *network = variant(2), *loaded = api_untouched();
    struct memory_file whole = memory_save(network);
    for (size_t room = 0; room < whole.size; room += 1 + whole.size / 13) {
        struct memory_file file = memory_file_new();
        file.room = room;
        const mlpbn_writer writer = memory_writer(&file);
        FAILS(MLPBN_EIO, "writer|-7", mlpbn_network_save_to(network, &writer));
        whole.room = room;
        whole.most = 1;
        FAILS(MLPBN_EIO, "reader|-7", memory_load(&loaded, &whole, NULL));
    }
    whole.room = SIZE_MAX;
    whole.claims_more = 1;
    FAILS(MLPBN_EIO, "reader|at most", memory_load(&loaded, &whole, NULL));
    ck_assert_ptr_eq(loaded, api_untouched());
}

TEST(paths_fail)
{
    mlpbn_network *network = variant(0), *loaded = api_untouched();
    char longest[5000];
    FAILS(MLPBN_EIO, "none/net|No such file",
          mlpbn_network_save(network, temporary_path("none/net")));
    FAILS(MLPBN_EIO, "none|No such file",
          mlpbn_network_load(&loaded, temporary_path("none"), NULL));
    FAILS(MLPBN_EIO, "directory", mlpbn_network_save(network, temporary_folder()));
    FAILS(MLPBN_EIO, "directory", mlpbn_network_load(&loaded, temporary_folder(), NULL));
    /* A parent that is a file refuses root, too. */
    write_file(temporary_path("file"), "old");
    FAILS(MLPBN_EIO, "file/net|Not a directory",
          mlpbn_network_save(network, temporary_path("file/net")));
    memset(longest, 'x', sizeof longest - 1);
    longest[sizeof longest - 1] = '\0';
    FAILS(MLPBN_EIO, "...x|too long", mlpbn_network_save(network, longest));
    if (exists("/dev/full"))
        FAILS(MLPBN_EIO, "/dev/full|No space", mlpbn_network_save(network, "/dev/full"));
    FAILS(MLPBN_EFORMAT, "file|byte 3",
          mlpbn_network_load(&loaded, temporary_path("file"), NULL));
    ck_assert_ptr_eq(loaded, api_untouched());
}

/* Outputs that overflow are no reason not to save; there is no self-test then. */
TEST(parameters_must_be_finite_but_outputs_may_overflow)
{
    mlpbn_network *network = NETWORK(MLPBN_F32, 3, {4, 2});
    api_fill(network, 0, MLPBN_WEIGHT, 3e38);
    api_fill(network, 1, MLPBN_WEIGHT, 3e38);
    struct memory_file file = memory_save(network);
    api_assert_equal(network, loaded_from(&file, NULL), "huge");
    api_store(api_parameters_in_place(network), MLPBN_F32, 1, API_NAN);
    NONFINITE("0.weight|number 1|nan",
              mlpbn_network_save(network, temporary_path("nan")));
    ck_assert(!exists(temporary_path("nan")));
}

/* --- Files of others ---------------------------------------------------------------- */

/* The layers of variant i, for files without metadata. */
static mlpbn_load_options layers_of(const mlpbn_network *network,
                                    mlpbn_layer_options *layers,
                                    const mlpbn_batchnorm_options *batchnorm, int no_bias)
{
    mlpbn_load_options options = MLPBN_LOAD_OPTIONS_INIT;
    for (size_t l = 0; l < 2; l++) {
        const mlpbn_layer *layer = mlpbn_network_layer(network, l);
        layers[l] = (mlpbn_layer_options)MLPBN_LAYER_OPTIONS_INIT(
            mlpbn_layer_units(layer), mlpbn_layer_activation(layer));
        layers[l].alpha = mlpbn_layer_alpha(layer);
        layers[l].dropout = mlpbn_layer_dropout(layer);
    }
    layers[0].bias = !no_bias;
    layers[0].batchnorm = batchnorm;
    options.layers = layers;
    options.n_layers = 2;
    return options;
}

/* The tensors, as other programs write them. */
static struct memory_file without_metadata(const mlpbn_network *network)
{
    struct memory_file file = memory_save(network);
    memory_edit(&file, "\"__metadata__\":{", "},", "");
    return file;
}

LOOP_TEST(loads_files_of_others, VARIANTS)
{
    const mlpbn_network *network = variant(_i);
    mlpbn_layer_options layers[2];
    struct memory_file file = without_metadata(network);
    mlpbn_load_options options =
        layers_of(network, layers, presets + _i % 5, _i % 3 == 0);
    options.standardization_eps = _i % 4 == 1 ? 0. : 1e-5;
    const mlpbn_network *loaded = loaded_from(&file, &options);
    api_assert_same_layers(network, loaded, 0);
    for (size_t i = 0; i < mlpbn_network_n_tensors(network); i++) {
        const mlpbn_tensor tensor = api_describe(network, i);
        api_assert_same_arrays(api_tensor(loaded, tensor.layer, tensor.kind),
                               api_tensor(network, tensor.layer, tensor.kind),
                               tensor.name);
    }
    double got[8], expected[8];
    OK(mlpbn_network_get_standardization(loaded, got, got + 4, 4));
    OK(mlpbn_network_get_standardization(network, expected, expected + 4, 4));
    for (int j = 0; j < 8; j++)
        api_assert_near(got[j], expected[j],
                        8 * api_epsilon(mlpbn_network_dtype(network)) *
                            (1 + fabs(expected[j])),
                        "standardization");
}

TEST(files_of_others_must_fit_their_layers)
{
    mlpbn_network *network = variant(14), *loaded = api_untouched(); /* with bias */
    mlpbn_layer_options layers[2];
    struct memory_file file = without_metadata(network);
    mlpbn_load_options options = layers_of(network, layers, presets + 14 % 5, 0);
    INVALID("layers|mlpbn_load_options", memory_load(&loaded, &file, NULL));
    options.n_layers = 0;
    INVALID("n_layers|0", memory_load(&loaded, &file, &options));
    options.n_layers = 1;
    BAD_SHAPE("the file has a tensor", memory_load(&loaded, &file, &options));
    options.n_layers = 2;
    layers[0].units = 6;
    BAD_SHAPE("1.weight|[6][4]|[5][4]", memory_load(&loaded, &file, &options));
    layers[0].units = SIZE_MAX / 3;
    FAILS(MLPBN_ESIZE, "address space", memory_load(&loaded, &file, &options));
    layers[0].units = 5;
    layers[1].bias = 0;
    BAD_SHAPE("the file has a tensor 4.bias", memory_load(&loaded, &file, &options));
    layers[1].bias = 1;
    layers[0].batchnorm = NULL;
    BAD_SHAPE("3.weight", memory_load(&loaded, &file, &options));
    layers[0].batchnorm = presets + 14 % 5;
    memory_edit(&file, "\"1.weight\":{\"dtype\":\"F32\",\"shape\":[5,4]", "",
                "\"1.weight\":{\"dtype\":\"F16\",\"shape\":[10,4]");
    FAILS(MLPBN_EUNSUPPORTED, "1.weight|F16", memory_load(&loaded, &file, &options));
    memory_edit(&file, "1.weight", "", "7.weight");
    BAD_SHAPE("no tensor 1.weight", memory_load(&loaded, &file, &options));
    ck_assert_ptr_eq(loaded, api_untouched());
}

/* A writer of which one call fails, and which counts the calls after that. */
struct failing_writer {
    int calls_until_failure, calls_afterwards;
};

static int write_or_fail(void *context, const void *bytes, size_t n)
{
    struct failing_writer *f = context;
    (void)bytes;
    (void)n;
    f->calls_afterwards += f->calls_until_failure < 0;
    return f->calls_until_failure-- == 0 ? -7 : 0;
}

/* Saves a network or a checkpoint of it, of which the header is longer than any buffer. */
static mlpbn_status save_long_header(mlpbn_network *network, int is_checkpoint,
                                     struct failing_writer *f)
{
    mlpbn_checkpoint parts = MLPBN_CHECKPOINT_INIT;
    const mlpbn_writer writer = MLPBN_WRITER_INIT(write_or_fail, f);
    parts.network = network;
    return is_checkpoint ? mlpbn_checkpoint_save_to(&parts, &writer)
                         : mlpbn_network_save_to(network, &writer);
}

LOOP_TEST(nothing_is_written_after_an_error, 2)
{
    mlpbn_network *network = NETWORK(MLPBN_F64, 5, {40, 70, 31, 8, 6});
    struct failing_writer f;
    mlpbn_status status = MLPBN_EIO;
    int n = 0;
    for (; status; n++) {
        f = (struct failing_writer){.calls_until_failure = n};
        status = save_long_header(network, _i, &f);
        ck_assert_int_eq(status == MLPBN_OK, f.calls_until_failure >= 0);
        if (status)
            ck_assert_int_eq(f.calls_afterwards, 0);
    }
    ck_assert_int_gt(n, 3); /* length, header and data were cut */
}

/* One bit of a file has changed, anywhere: it is refused. */
static void check_bit_flips(struct memory_file *file,
                            mlpbn_status (*load)(struct memory_file *file))
{
    ck_assert_int_eq(load(file), MLPBN_OK);
    size_t accepted = 0;
    for (size_t i = 0; i < 8 * file->size; i++) {
        file->bytes[i / 8] ^= (char)(1 << i % 8);
        accepted += load(file) != MLPBN_EFORMAT;
        file->bytes[i / 8] ^= (char)(1 << i % 8);
    }
    ck_assert_uint_eq(accepted, 0);
}

static mlpbn_checkpoint flipped_parts;

static mlpbn_status load_network_alone(struct memory_file *file)
{
    mlpbn_network *network = NULL;
    mlpbn_status status = memory_load(&network, file, NULL);
    mlpbn_network_destroy(network);
    return status;
}

static mlpbn_status load_flipped_parts(struct memory_file *file)
{
    return memory_load_checkpoint(&flipped_parts, file);
}

TEST(each_flipped_bit_is_found)
{
    const struct setup s = setup_default(MLPBN_F32);
    struct memory_file file = memory_save(s.network);
    check_bit_flips(&file, load_network_alone);
    flipped_parts = (mlpbn_checkpoint)MLPBN_CHECKPOINT_INIT;
    flipped_parts.network = s.network;
    flipped_parts.optimizer = s.optimizer;
    file = memory_save_checkpoint(&flipped_parts);
    check_bit_flips(&file, load_flipped_parts);
}

/* A header of at most 16 MiB holds the exact means and deviations of so many inputs. */
TEST(too_many_standardized_inputs)
{
    enum { MANY = 450000 };
    mlpbn_network *network = NETWORK(MLPBN_F32, MANY, {1});
    const double *numbers = api_random(2 * (size_t)MANY, 71, 0.385, 2.385);
    struct memory_file file = memory_save(network);

    api_assert_equal(network, loaded_from(&file, NULL), "many inputs");
    OK(mlpbn_network_set_standardization(network, numbers, numbers + MANY, MANY));
    FAILS(MLPBN_ESIZE, "header|16777216|standardized inputs",
          mlpbn_network_save(network, temporary_path("large")));
    ck_assert(!exists(temporary_path("large")));
    ck_assert(!exists(temporary_path("large.tmp")));
}

/* A file that computes something else here than where it was saved. */
TEST(self_test_refuses)
{
    mlpbn_network *loaded = api_untouched();
    struct memory_file file = memory_save(variant(4));
    mlpbn_load_options options = MLPBN_LOAD_OPTIONS_INIT;

    memory_drop_checksum(&file);
    memory_edit(&file, "\"mlpbn.layer0.activation\":\"", "\"",
                "\"mlpbn.layer0.activation\":\"elu\"");
    FAILS(MLPBN_EFORMAT, "self-test|output|tolerance", memory_load(&loaded, &file, NULL));
    ck_assert_ptr_eq(loaded, api_untouched());
    options.self_test_tolerance = (double)INFINITY;
    loaded_from(&file, &options);
}
