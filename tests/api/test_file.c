/* Saving networks and loading them again: the same bits, in files of libmlpbn and of
 * others; streams and paths, and what is wrong with them. */
#include "file_helpers.h"

#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
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
enum { VARIANTS = 2 * MLPBN_SOFTMAX * 5 };

static mlpbn_network *variant(int i)
{
    const mlpbn_activation activation = (mlpbn_activation)(1 + i / 2 % MLPBN_SOFTMAX);
    const int is_last = activation == MLPBN_SOFTMAX;
    const struct recipe recipe = {.dtype = api_dtypes[i % 2],
                                  .inputs = 4,
                                  .units = {5, 3},
                                  .batchnorm = 1,
                                  .no_bias = i % 3 == 0,
                                  .hidden = is_last ? MLPBN_TANH : activation,
                                  .last = is_last ? activation : MLPBN_IDENTITY,
                                  .alpha = i % 5 == 0 ? 0. : 0.2385,
                                  .dropout = i % 3 == 1 ? 0.385 : 0.,
                                  .batchnorm_options = presets + i % 5,
                                  .statistics_as_born = i % 7 == 0};
    mlpbn_network *network = api_network(&recipe);
    const double mean[] = {2.385, -0.71, 1e-3, -0.}, std[] = {1.61, 0.4375, 3.3, 1.};
    double small[4];
    for (int j = 0; j < 4; j++)
        small[j] = std[j] * 1e-4;
    OK(mlpbn_network_freeze_statistics(network, 0, i % 11 == 0));
    if (i % 4 > 0)
        OK(mlpbn_network_set_standardization(network, mean, i % 4 == 1 ? small : std, 4));
    return network;
}

static void assert_same_options(const mlpbn_network *a, const mlpbn_network *b)
{
    ck_assert_uint_eq(mlpbn_network_inputs(a), mlpbn_network_inputs(b));
    ck_assert_uint_eq(mlpbn_network_layers(a), mlpbn_network_layers(b));
    ck_assert_int_eq(mlpbn_network_dtype(a), mlpbn_network_dtype(b));
    for (size_t l = 0; l < mlpbn_network_layers(a); l++) {
        const mlpbn_layer *s = mlpbn_network_layer(a, l), *t = mlpbn_network_layer(b, l);
        const mlpbn_batchnorm *v = mlpbn_layer_batchnorm(s),
                              *w = mlpbn_layer_batchnorm(t);
        ck_assert_int_eq(mlpbn_layer_activation(s), mlpbn_layer_activation(t));
        ck_assert(mlpbn_layer_alpha(s) == mlpbn_layer_alpha(t));
        ck_assert(mlpbn_layer_dropout(s) == mlpbn_layer_dropout(t));
        ck_assert_int_eq(v != NULL, w != NULL);
        if (!v)
            continue;
        ck_assert(mlpbn_batchnorm_eps(v) == mlpbn_batchnorm_eps(w));
        ck_assert(mlpbn_batchnorm_decay(v) == mlpbn_batchnorm_decay(w));
        ck_assert_int_eq(mlpbn_batchnorm_after_activation(v),
                         mlpbn_batchnorm_after_activation(w));
    }
}

/* A step uses what has no getter: batchnorm's conventions, and whether its statistics are
 * those of birth. */
static void train(mlpbn_network *network)
{
    struct data data;
    mlpbn_workspace *workspace = api_workspace(network, 8, 1);
    mlpbn_optimizer *optimizer = api_optimizer(network, 0.0385, 0., 0);
    const mlpbn_loss_options loss = api_loss_options(MLPBN_MEAN_SQUARED_ERROR, 0.);
    data_make(&data, MLPBN_F32, 7, 4, 3, 71);
    OK(mlpbn_train_step(network, optimizer, workspace, &data.rows, &loss, NULL));
    data_free(&data);
    mlpbn_optimizer_destroy(optimizer);
    mlpbn_workspace_destroy(workspace);
}

START_TEST(loads_what_was_saved)
{
    mlpbn_network *network = variant(_i), *loaded = NULL;
    struct memory_file file = memory_save(network);
    file.most = _i % 4 == 3 ? 1 : 0;
    OK(memory_load(&loaded, &file, NULL));
    api_assert_twins(network, loaded, "loaded");
    assert_same_options(network, loaded);
    struct memory_file again = memory_save(loaded);
    memory_assert_equal(&file, &again, "saved again");
    train(network);
    train(loaded);
    api_assert_twins(network, loaded, "a step later");
    memory_file_free(&again);
    memory_file_free(&file);
    mlpbn_network_destroy(loaded);
    mlpbn_network_destroy(network);
}
END_TEST

START_TEST(paths_and_writers_get_the_same_bytes)
{
    mlpbn_network *network = variant(3), *loaded = NULL;
    const char *path = temporary_path("net.safetensors");
    struct memory_file file = memory_save(network);
    struct stat status;

    OK(mlpbn_network_save(network, path));
    struct memory_file first = file_read(path);
    memory_assert_equal(&file, &first, "first save");
    ck_assert_int_eq(chmod(path, 0600), 0);
    file_write(temporary_path("net.safetensors.tmp"),
               "left by a process that was killed");
    OK(mlpbn_network_save(network, path));
    struct memory_file second = file_read(path);
    memory_assert_equal(&file, &second, "second save");
    ck_assert_int_eq(stat(path, &status), 0);
    ck_assert_int_eq(status.st_mode & 0777, 0600); /* still private */
    ck_assert(!file_exists(temporary_path("net.safetensors.tmp")));
    OK(mlpbn_network_load(&loaded, path, NULL));
    api_assert_twins(network, loaded, "from a path");
    memory_file_free(&second);
    memory_file_free(&first);
    memory_file_free(&file);
    mlpbn_network_destroy(loaded);
    mlpbn_network_destroy(network);
}
END_TEST

START_TEST(a_relative_path_is_enough)
{
    mlpbn_network *network = variant(0);
    char before[1000];
    ck_assert_ptr_nonnull(getcwd(before, sizeof before));
    ck_assert_int_eq(chdir(temporary_folder()), 0);
    OK(mlpbn_network_save(network, "net"));
    ck_assert(file_exists("net") && !file_exists("net.tmp"));
    ck_assert_int_eq(chdir(before), 0);
    mlpbn_network_destroy(network);
}
END_TEST

/* The host's locale has a comma where C has a point. */
START_TEST(locales_change_nothing)
{
    static const char *const commas[] = {"de_DE.UTF-8", "de_DE.utf8", "de_DE",
                                         "fr_FR.UTF-8", "nl_NL.UTF-8"};
    mlpbn_network *network = variant(1), *loaded = NULL;
    struct memory_file file = memory_save(network);
    const char *set = NULL;
    for (size_t i = 0; i < LENGTH(commas) && !set; i++)
        set = setlocale(LC_ALL, commas[i]);
    if (!set)
        fputs("file: no locale with a comma here, one with a point was tested\n", stderr);
    struct memory_file other = memory_save(network);
    memory_assert_equal(&file, &other, "saved elsewhere");
    OK(memory_load(&loaded, &file, NULL));
    setlocale(LC_ALL, "C");
    api_assert_twins(network, loaded, "loaded elsewhere");
    memory_file_free(&other);
    memory_file_free(&file);
    mlpbn_network_destroy(loaded);
    mlpbn_network_destroy(network);
}
END_TEST

START_TEST(pointers_are_checked)
{
    mlpbn_network *network = variant(0), *loaded = api_untouched();
    struct memory_file file = memory_save(network);
    mlpbn_writer writer = memory_writer(&file);
    mlpbn_reader reader = memory_reader(&file);
    mlpbn_load_options options;

    FAILS(MLPBN_EINVAL, "writer|NULL", mlpbn_writer_init(NULL, sizeof writer));
    FAILS(MLPBN_EINVAL, "reader|struct_size", mlpbn_reader_init(&reader, 3));
    FAILS(MLPBN_EINVAL, "load_options|NULL",
          mlpbn_load_options_init(NULL, sizeof options));
    FAILS(MLPBN_EINVAL, "network|NULL", mlpbn_network_save(NULL, "x"));
    FAILS(MLPBN_EINVAL, "path|NULL", mlpbn_network_save(network, NULL));
    FAILS(MLPBN_EINVAL, "network|NULL", mlpbn_network_save_to(NULL, &writer));
    FAILS(MLPBN_EINVAL, "writer|NULL", mlpbn_network_save_to(network, NULL));
    FAILS(MLPBN_EINVAL, "network|NULL", mlpbn_network_load(NULL, "x", NULL));
    FAILS(MLPBN_EINVAL, "path|NULL", mlpbn_network_load(&loaded, NULL, NULL));
    FAILS(MLPBN_EINVAL, "network|NULL", mlpbn_network_load_from(NULL, &reader, NULL));
    FAILS(MLPBN_EINVAL, "reader|NULL", mlpbn_network_load_from(&loaded, NULL, NULL));
    writer.write = NULL;
    FAILS(MLPBN_EINVAL, "write|NULL", mlpbn_network_save_to(network, &writer));
    writer.struct_size = 1;
    FAILS(MLPBN_EINVAL, "writer|struct_size", mlpbn_network_save_to(network, &writer));
    reader.read = NULL;
    FAILS(MLPBN_EINVAL, "read|NULL", mlpbn_network_load_from(&loaded, &reader, NULL));
    reader.struct_size = 1;
    FAILS(MLPBN_EINVAL, "reader|struct_size",
          mlpbn_network_load_from(&loaded, &reader, NULL));
    OK(mlpbn_load_options_init(&options, sizeof options));
    options.standardization_eps = -1e-5;
    FAILS(MLPBN_EINVAL, "standardization_eps", memory_load(&loaded, &file, &options));
    OK(mlpbn_load_options_init(&options, sizeof options));
    options.self_test_tolerance = API_NAN;
    FAILS(MLPBN_EINVAL, "self_test_tolerance", memory_load(&loaded, &file, &options));
    ck_assert_ptr_eq(loaded, api_untouched());
    memory_file_free(&file);
    mlpbn_network_destroy(network);
}
END_TEST

START_TEST(streams_fail)
{
    mlpbn_network *network = variant(2), *loaded = api_untouched();
    struct memory_file whole = memory_save(network);
    for (size_t room = 0; room < whole.size; room += 1 + whole.size / 13) {
        struct memory_file file = memory_file_new();
        file.room = room;
        const mlpbn_writer writer = memory_writer(&file);
        FAILS(MLPBN_EIO, "writer|-7", mlpbn_network_save_to(network, &writer));
        memory_file_free(&file);
        whole.room = room;
        whole.most = 1;
        FAILS(MLPBN_EIO, "reader|-7", memory_load(&loaded, &whole, NULL));
    }
    whole.room = SIZE_MAX;
    whole.claims_more = 1;
    FAILS(MLPBN_EIO, "reader|at most", memory_load(&loaded, &whole, NULL));
    ck_assert_ptr_eq(loaded, api_untouched());
    memory_file_free(&whole);
    mlpbn_network_destroy(network);
}
END_TEST

START_TEST(paths_fail)
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
    file_write(temporary_path("file"), "old");
    FAILS(MLPBN_EIO, "file/net|Not a directory",
          mlpbn_network_save(network, temporary_path("file/net")));
    memset(longest, 'x', sizeof longest - 1);
    longest[sizeof longest - 1] = '\0';
    FAILS(MLPBN_EIO, "...x|too long", mlpbn_network_save(network, longest));
    if (file_exists("/dev/full"))
        FAILS(MLPBN_EIO, "/dev/full|No space", mlpbn_network_save(network, "/dev/full"));
    FAILS(MLPBN_EFORMAT, "file|byte 3",
          mlpbn_network_load(&loaded, temporary_path("file"), NULL));
    ck_assert_ptr_eq(loaded, api_untouched());
    mlpbn_network_destroy(network);
}
END_TEST

START_TEST(a_network_that_is_not_finite_is_not_saved)
{
    mlpbn_network *network = variant(0);
    float *parameters;
    size_t n;
    OK(mlpbn_network_parameters_f32(&parameters, &n, network));
    parameters[1] = (float)API_NAN;
    FAILS(MLPBN_ENONFINITE, "0.weight|number 1|nan",
          mlpbn_network_save(network, temporary_path("nan")));
    ck_assert(!file_exists(temporary_path("nan")));
    mlpbn_network_destroy(network);
}
END_TEST

/* Outputs that overflow are no reason not to save; there is no self-test then. */
START_TEST(outputs_may_overflow)
{
    const struct recipe recipe = {.dtype = MLPBN_F32, .inputs = 3, .units = {4, 2}};
    mlpbn_network *network = api_network(&recipe), *loaded = NULL;
    api_fill(network, 0, MLPBN_WEIGHT, 3e38);
    api_fill(network, 1, MLPBN_WEIGHT, 3e38);
    struct memory_file file = memory_save(network);
    OK(memory_load(&loaded, &file, NULL));
    api_assert_twins(network, loaded, "huge");
    memory_file_free(&file);
    mlpbn_network_destroy(loaded);
    mlpbn_network_destroy(network);
}
END_TEST

/* The layers of variant i, for files without metadata. */
static mlpbn_load_options layers_of(const mlpbn_network *network,
                                    mlpbn_layer_options *layers,
                                    const mlpbn_batchnorm_options *batchnorm, int no_bias)
{
    mlpbn_load_options options;
    OK(mlpbn_load_options_init(&options, sizeof options));
    for (size_t l = 0; l < 2; l++) {
        const mlpbn_layer *layer = mlpbn_network_layer(network, l);
        OK(mlpbn_layer_options_init(layers + l, sizeof *layers));
        layers[l].units = mlpbn_layer_units(layer);
        layers[l].activation = mlpbn_layer_activation(layer);
        layers[l].alpha = mlpbn_layer_alpha(layer);
        layers[l].dropout = mlpbn_layer_dropout(layer);
    }
    layers[0].bias = !no_bias;
    layers[0].batchnorm = batchnorm;
    options.layers = layers;
    options.n_layers = 2;
    return options;
}

START_TEST(loads_files_of_others)
{
    mlpbn_network *network = variant(_i), *loaded = NULL;
    mlpbn_layer_options layers[2];
    struct memory_file file = memory_save(network);
    mlpbn_load_options options =
        layers_of(network, layers, presets + _i % 5, _i % 3 == 0);
    options.standardization_eps = _i % 4 == 1 ? 0. : 1e-5;
    memory_strip_metadata(&file);
    OK(memory_load(&loaded, &file, &options));
    assert_same_options(network, loaded);
    for (size_t i = 0; i < mlpbn_network_tensors(network); i++) {
        const mlpbn_tensor tensor = api_describe(network, i);
        size_t n;
        double *got = api_tensor(loaded, tensor.layer, tensor.kind, NULL);
        double *expected = api_tensor(network, tensor.layer, tensor.kind, &n);
        api_assert_same(got, expected, n * sizeof *got, tensor.name);
        free(got);
        free(expected);
    }
    double got[8], expected[8];
    OK(mlpbn_network_get_standardization(loaded, got, got + 4, 4));
    OK(mlpbn_network_get_standardization(network, expected, expected + 4, 4));
    for (int j = 0; j < 8; j++)
        api_assert_near(got[j], expected[j],
                        8 * api_epsilon(mlpbn_network_dtype(network)) *
                            (1 + fabs(expected[j])),
                        "standardization");
    memory_file_free(&file);
    mlpbn_network_destroy(loaded);
    mlpbn_network_destroy(network);
}
END_TEST

START_TEST(files_of_others_must_fit_their_layers)
{
    mlpbn_network *network = variant(14), *loaded = api_untouched(); /* with bias */
    mlpbn_layer_options layers[2];
    struct memory_file file = memory_save(network);
    mlpbn_load_options options = layers_of(network, layers, presets + 14 % 5, 0);

    memory_strip_metadata(&file);
    FAILS(MLPBN_EINVAL, "layers|mlpbn_load_options", memory_load(&loaded, &file, NULL));
    options.n_layers = 0;
    FAILS(MLPBN_EINVAL, "n_layers|0", memory_load(&loaded, &file, &options));
    options.n_layers = 1;
    FAILS(MLPBN_ESHAPE, "the file has a tensor", memory_load(&loaded, &file, &options));
    options.n_layers = 2;
    layers[0].units = 6;
    FAILS(MLPBN_ESHAPE, "1.weight|[6][4]|[5][4]", memory_load(&loaded, &file, &options));
    layers[0].units = SIZE_MAX / 3;
    FAILS(MLPBN_ESIZE, "address space", memory_load(&loaded, &file, &options));
    layers[0].units = 5;
    layers[1].bias = 0;
    FAILS(MLPBN_ESHAPE, "the file has a tensor 4.bias",
          memory_load(&loaded, &file, &options));
    layers[1].bias = 1;
    layers[0].batchnorm = NULL;
    FAILS(MLPBN_ESHAPE, "3.weight", memory_load(&loaded, &file, &options));
    layers[0].batchnorm = presets + 14 % 5;
    memory_edit(&file, "\"1.weight\":{\"dtype\":\"F32\",\"shape\":[5,4]", "",
                "\"1.weight\":{\"dtype\":\"F16\",\"shape\":[10,4]");
    FAILS(MLPBN_EUNSUPPORTED, "1.weight|F16", memory_load(&loaded, &file, &options));
    memory_edit(&file, "1.weight", "", "7.weight");
    FAILS(MLPBN_ESHAPE, "no tensor 1.weight", memory_load(&loaded, &file, &options));
    ck_assert_ptr_eq(loaded, api_untouched());
    memory_file_free(&file);
    mlpbn_network_destroy(network);
}
END_TEST

/* A header of at most 16 MiB holds the exact means and deviations of so many inputs. */
START_TEST(too_many_standardized_inputs)
{
    enum { MANY = 450000 };
    const struct recipe recipe = {.dtype = MLPBN_F32, .inputs = MANY, .units = {1}};
    mlpbn_network *network = api_network(&recipe), *loaded = NULL;
    double *numbers = api_numbers(2 * (size_t)MANY, 71, 0.385, 2.385);
    struct memory_file file = memory_save(network);
    OK(memory_load(&loaded, &file, NULL));
    api_assert_twins(network, loaded, "many inputs");
    OK(mlpbn_network_set_standardization(network, numbers, numbers + MANY, MANY));
    FAILS(MLPBN_ESIZE, "header|16777216|standardized inputs",
          mlpbn_network_save(network, temporary_path("large")));
    ck_assert(!file_exists(temporary_path("large")));
    ck_assert(!file_exists(temporary_path("large.tmp")));
    memory_file_free(&file);
    free(numbers);
    mlpbn_network_destroy(loaded);
    mlpbn_network_destroy(network);
}
END_TEST

/* A file that computes something else here than where it was saved. */
START_TEST(self_test_refuses)
{
    mlpbn_network *network = variant(4), *loaded = api_untouched();
    mlpbn_load_options options;
    struct memory_file file = memory_save(network);
    memory_edit(&file, "\"mlpbn.layer0.activation\":\"", "\"",
                "\"mlpbn.layer0.activation\":\"silu\"");
    FAILS(MLPBN_EFORMAT, "self-test|output|tolerance", memory_load(&loaded, &file, NULL));
    OK(mlpbn_load_options_init(&options, sizeof options));
    options.self_test_tolerance = (double)INFINITY;
    ck_assert_ptr_eq(loaded, api_untouched());
    OK(memory_load(&loaded, &file, &options));
    mlpbn_network_destroy(loaded);
    memory_file_free(&file);
    mlpbn_network_destroy(network);
}
END_TEST

Suite *file_suite(void)
{
    TCase *tests;
    Suite *suite = api_suite("file", &tests);
    tcase_add_checked_fixture(tests, NULL, remove_temporary_folder);
    tcase_add_loop_test(tests, loads_what_was_saved, 0, VARIANTS);
    tcase_add_test(tests, paths_and_writers_get_the_same_bytes);
    tcase_add_test(tests, a_relative_path_is_enough);
    tcase_add_test(tests, locales_change_nothing);
    tcase_add_test(tests, pointers_are_checked);
    tcase_add_test(tests, streams_fail);
    tcase_add_test(tests, paths_fail);
    tcase_add_test(tests, a_network_that_is_not_finite_is_not_saved);
    tcase_add_test(tests, outputs_may_overflow);
    tcase_add_loop_test(tests, loads_files_of_others, 0, VARIANTS);
    tcase_add_test(tests, files_of_others_must_fit_their_layers);
    tcase_add_test(tests, self_test_refuses);
    tcase_add_test(tests, too_many_standardized_inputs);
    return suite;
}
