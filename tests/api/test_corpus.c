/* The files of tests/fuzz/corpus/load: what is wrong with each is said. */
#include "file_helpers.h"

/* As in tests/fuzz/fuzz_load.c: the layers of files without metadata. */
static mlpbn_status load(mlpbn_network **network, const char *name)
{
    mlpbn_batchnorm_options batchnorm = MLPBN_BATCHNORM_PYTORCH_INIT;
    mlpbn_layer_options layers[] = {MLPBN_LAYER_OPTIONS_INIT(3, MLPBN_RELU),
                                    MLPBN_LAYER_OPTIONS_INIT(2, MLPBN_IDENTITY)};
    mlpbn_load_options options = MLPBN_LOAD_OPTIONS_INIT;
    char path[1000];
    layers[0].batchnorm = &batchnorm;
    options.layers = layers;
    options.n_layers = 2;
    snprintf(path, sizeof path, "%s/load/%s", API_CORPUS, name);
    return mlpbn_network_load(network, path, &options);
}

static const char *const good[] = {
    /* as they are saved now and by earlier versions */
    "relu", "elu_softmax", "after", "standardized", "small_deviations", "format_1",
    "format_1_without_checksum",
    /* as others may save them */
    "plain", "null_metadata", "escaped", "odd_offsets", "reordered"};

LOOP_TEST(good_files_load, LENGTH(good))
{
    mlpbn_network *network;
    OK(load(&network, good[_i]));
    mlpbn_network_destroy(network);
}

/* Where a word has 32 bits these numbers are refused earlier, with another text. */
#define IF_64_BITS(text) (SIZE_MAX > UINT32_MAX ? (text) : "")

static const struct {
    const char *name;
    mlpbn_status status;
    const char *words;
} bad[] = {
    {"array", MLPBN_EFORMAT, "begins with {"},
    {"backwards", MLPBN_EFORMAT, "0.weight|data_offsets"},
    {"beta_of_1", MLPBN_EFORMAT, "checkpoint"},
    {"changed_data_1", MLPBN_EFORMAT, "data|checksum"},
    {"changed_header", MLPBN_EFORMAT, "file|checksum"},
    {"changed_data", MLPBN_EFORMAT, "file|checksum"},
    {"checkpoint", MLPBN_EFORMAT, "network, got a checkpoint"},
    {"cut_data", MLPBN_EFORMAT, "byte 1801|ends within the data|124"},
    {"cut_header", MLPBN_EFORMAT, "byte 200|header|1672"},
    {"decimal_eps", MLPBN_EFORMAT, "layer0.batchnorm.eps|1e-5"},
    {"deep", MLPBN_EFORMAT, "a|dtype"},
    {"deep_in_a_string", MLPBN_EFORMAT, "{{{{|dtype"},
    {"duplicate", MLPBN_EFORMAT, "0.weight|duplicate"},
    {"early_softmax", MLPBN_EFORMAT, "layer 0|MLPBN_SOFTMAX"},
    {"empty", MLPBN_EFORMAT, "byte 0|length"},
    {"few_outputs", MLPBN_EFORMAT, "self_test.outputs|2"},
    {"flag_2", MLPBN_EFORMAT, "layer0.bias|2"},
    {"hole", MLPBN_EFORMAT, "b|byte 12|hole"},
    {"hole_in_front", MLPBN_EFORMAT, "0.weight|byte 4|hole"},
    {"huge_integer", MLPBN_EFORMAT, "0.weight|shape"},
    {"huge_length", MLPBN_EFORMAT, "byte 0|18446744073709551615"},
    {"infinity", MLPBN_EFORMAT, "3.weight|number 5|byte 1751|inf"},
    {"leading_space", MLPBN_EFORMAT, "byte 8"},
    {"leading_zero", MLPBN_EFORMAT, "layer0.units|03"},
    {"length_above_limit", MLPBN_EFORMAT, "16777217"},
    {"lost_tensor", MLPBN_EFORMAT, "no tensor 0.bias"},
    {"many_decayed", MLPBN_EFORMAT, "checkpoint"},
    {"many_layers", MLPBN_EFORMAT, "mlpbn.layers|99999999999999999999"},
    {"metadata_array", MLPBN_EFORMAT, "__metadata__|object"},
    {"metadata_number", MLPBN_EFORMAT, "__metadata__|a|string"},
    {"misaligned", MLPBN_EFORMAT, "0.weight|byte 2|hole"},
    {"more_keys", MLPBN_EFORMAT, "0.weight|dtype, shape and"},
    {"nan", MLPBN_EFORMAT, "3.weight|number 5|byte 1751|nan"},
    {"negative_batches", MLPBN_EFORMAT, "num_batches_tracked|-1"},
    {"negative_dim", MLPBN_EFORMAT, "0.weight|shape"},
    {"negative_eps", MLPBN_EFORMAT, "layer 0|eps"},
    {"negative_variance", MLPBN_EFORMAT, "1.running_var|-1.5"},
    {"no_checksum", MLPBN_EFORMAT, "mlpbn.file_checksum|format 2|none"},
    {"no_header", MLPBN_EFORMAT, "byte 8|header"},
    {"no_inputs", MLPBN_EFORMAT, "inputs|0"},
    {"no_kind", MLPBN_EFORMAT, "network|thing"},
    {"no_layers", MLPBN_EFORMAT, "mlpbn.layers|9 tensors|0"},
    {"no_shape", MLPBN_EFORMAT, "0.weight|shape"},
    {"not_json", MLPBN_EFORMAT, "byte 20|JSON|value"},
    {"not_utf8", MLPBN_EFORMAT, "byte 10|UTF-8"},
    {"nul_in_name", MLPBN_EFORMAT, "byte 20|NUL"},
    {"odd_position", MLPBN_EFORMAT, "checkpoint"},
    {"other_format", MLPBN_EFORMAT, "mlpbn.format|1 or 2|3"},
    {"other_method", MLPBN_EFORMAT, "checkpoint"},
    {"other_outputs", MLPBN_EFORMAT, "self-test|output 0|1"},
    {"other_rows", MLPBN_EFORMAT, "checkpoint"},
    {"other_shape", MLPBN_EFORMAT, "0.weight|[3][2]|[2][3]"},
    {"overflowing_shape", MLPBN_EFORMAT, IF_64_BITS("0.weight|more than")},
    {"overlap", MLPBN_EFORMAT, "b|byte 4|overlap"},
    {"real_offset", MLPBN_EFORMAT, "0.weight|data_offsets"},
    {"short_checksum", MLPBN_EFORMAT, "checksum fnv1a64:2385"},
    {"short_length", MLPBN_EFORMAT, "byte 5|length"},
    {"tiny_length", MLPBN_EFORMAT, "header of 2|1"},
    {"trailing_byte", MLPBN_EFORMAT, "byte 1804|end of the file"},
    {"u8", MLPBN_EFORMAT, "mlpbn.dtype|U8"},
    {"unknown_activation", MLPBN_EFORMAT, "activation|swish"},
    {"unknown_dtype", MLPBN_EFORMAT, "0.weight|dtype"},
    {"wide", MLPBN_EFORMAT, IF_64_BITS("68719476736|124")},
    {"zero_rows", MLPBN_EFORMAT, IF_64_BITS("end of the file")},
    {"zero_std", MLPBN_EFORMAT, "column 0|std"},
    {"empty_object", MLPBN_ESHAPE, "0.weight"},
    {"plain_standardized", MLPBN_ESHAPE, "2.num_batches_tracked"},
    {"plain_half", MLPBN_EUNSUPPORTED, "0.weight|I32"},
};

LOOP_TEST(bad_files_are_refused, LENGTH(bad))
{
    mlpbn_network *network = api_untouched();
    api_case(bad[_i].name, "");
    FAILS(bad[_i].status, bad[_i].words, load(&network, bad[_i].name));
    FAILS(bad[_i].status, bad[_i].name, load(&network, bad[_i].name));
    ck_assert_ptr_eq(network, api_untouched());
    api_case("", "");
}
