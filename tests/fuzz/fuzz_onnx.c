/* Imports hostile ONNX files: whatever the bytes are, importing neither crashes nor leaks, and a
 * network that was imported predicts, and can be exported and imported again.
 *
 * With clang -fsanitize=fuzzer this is a libFuzzer target. With -DFUZZ_MAIN it is a program that
 * imports the files named on its command line. */
#include "fuzz_stream.h"

/* The bytes that were written, as far as they fit, and the number of all bytes. */
typedef struct sink {
    uint8_t bytes[1 << 16];
    size_t n;
} sink;

static int write_sink(void *context, const void *bytes, size_t n)
{
    sink *s = context;
    if (n <= sizeof s->bytes && s->n <= sizeof s->bytes - n)
        memcpy(s->bytes + s->n, bytes, n);
    s->n += n;
    return 0;
}

static mlpbn_network *import(source s)
{
    mlpbn_reader reader = MLPBN_READER_INIT(read_source, &s);
    mlpbn_network *network = NULL;
    if (mlpbn_import_onnx_from(&network, &reader) == MLPBN_OK)
        return network;
    expect(network == NULL, "a failed import made a network");
    expect(mlpbn_last_error()[0] != '\0', "a failure without a text");
    expect(strchr(mlpbn_last_error(), '\n') == NULL, "a text of two lines");
    return NULL;
}

/* Predicts for a row of zeros. The outputs may be not finite, which is an error. */
static void predict(const mlpbn_network *network)
{
    static const uint8_t x[1 << 12];
    static float singles[1 << 12];
    static double doubles[1 << 12];
    mlpbn_workspace *workspace = NULL;
    const size_t inputs = mlpbn_network_inputs(network);
    const mlpbn_rows rows = MLPBN_ROWS_INIT(x, MLPBN_U8, 1, inputs);
    if (inputs > sizeof x || mlpbn_network_outputs(network) > 1 << 12)
        return;
    expect(mlpbn_workspace_create(&workspace, network, NULL) == MLPBN_OK, "workspace");
    const mlpbn_status status =
        mlpbn_network_dtype(network) == MLPBN_F32
            ? mlpbn_predict_f32(network, workspace, &rows, singles)
            : mlpbn_predict_f64(network, workspace, &rows, doubles);
    expect(status == MLPBN_OK || status == MLPBN_ENONFINITE, "prediction");
    mlpbn_workspace_destroy(workspace);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    static sink exported;
    mlpbn_writer writer = MLPBN_WRITER_INIT(write_sink, &exported);
    mlpbn_network *network = import((source){bytes, n});
    if (!network)
        return 0;
    predict(network);
    exported.n = 0;
    /* A variance and an epsilon that are both huge may overflow. */
    const mlpbn_status status = mlpbn_export_onnx_to(network, &writer, NULL);
    expect(status == MLPBN_OK || status == MLPBN_ENONFINITE, "cannot be exported");
    if (status == MLPBN_OK && exported.n <= sizeof exported.bytes) {
        mlpbn_network *again = import((source){exported.bytes, exported.n});
        expect(again != NULL, "cannot be imported again");
        mlpbn_network_destroy(again);
    }
    mlpbn_network_destroy(network);
    return 0;
}
