/* Loads hostile files: whatever the bytes are, loading neither crashes nor leaks, and a network
 * that was loaded can be saved again.
 *
 * With clang -fsanitize=fuzzer this is a libFuzzer target. With -DFUZZ_MAIN it is a program that
 * loads the files named on its command line, to replay a corpus, or for AFL++. */
#include "fuzz_stream.h"

/* A writer that counts bytes. */
static int count(void *context, const void *bytes, size_t n)
{
    (void)bytes;
    *(size_t *)context += n;
    return 0;
}

/* The layers for files that hold only tensors: Linear(2, 3), BatchNorm1d(3), ReLU,
 * Linear(3, 2). */
static mlpbn_batchnorm_options batchnorm = MLPBN_BATCHNORM_PYTORCH_INIT;
static mlpbn_layer_options layers[] = {MLPBN_LAYER_OPTIONS_INIT(3, MLPBN_RELU),
                                       MLPBN_LAYER_OPTIONS_INIT(2, MLPBN_IDENTITY)};

static void load_network(source s)
{
    mlpbn_load_options options = MLPBN_LOAD_OPTIONS_INIT;
    mlpbn_reader reader = MLPBN_READER_INIT(read_source, &s);
    mlpbn_network *network = NULL;
    layers[0].batchnorm = &batchnorm;
    options.layers = layers;
    options.n_layers = 2;
    if (mlpbn_network_load_from(&network, &reader, &options) != MLPBN_OK) {
        expect(network == NULL, "a failed load made a network");
        expect(mlpbn_last_error()[0] != '\0', "a failure without a text");
        return;
    }
    size_t saved = 0;
    mlpbn_writer writer = MLPBN_WRITER_INIT(count, &saved);
    expect(mlpbn_network_save_to(network, &writer) == MLPBN_OK, "cannot be saved again");
    expect(saved > 8, "saved nothing");
    mlpbn_network_destroy(network);
}

/* Loads a checkpoint into a network 2-3-2 with batchnorm, Adam, and a sampler of 7 rows in
 * batches of 2. */
static void load_checkpoint(source s)
{
    static const float x[14];
    mlpbn_network_options network_options = MLPBN_NETWORK_OPTIONS_INIT(2);
    mlpbn_optimizer_options optimizer_options = MLPBN_OPTIMIZER_OPTIONS_INIT;
    mlpbn_sampler_options sampler_options = MLPBN_SAMPLER_OPTIONS_INIT;
    mlpbn_rows rows = MLPBN_ROWS_INIT(x, MLPBN_F32, 7, 2);
    mlpbn_checkpoint parts = MLPBN_CHECKPOINT_INIT;
    mlpbn_reader reader = MLPBN_READER_INIT(read_source, &s);
    char state[16];
    layers[0].batchnorm = &batchnorm;
    optimizer_options.kind = MLPBN_ADAM;
    sampler_options.batch = 2;
    expect(
        mlpbn_network_create(&parts.network, &network_options, layers, 2) == MLPBN_OK &&
            mlpbn_optimizer_create(&parts.optimizer, parts.network, &optimizer_options) ==
                MLPBN_OK &&
            mlpbn_sampler_create(&parts.sampler, &rows, &sampler_options) == MLPBN_OK,
        "the parts cannot be made");
    parts.state = state;
    parts.state_size = sizeof state;
    if (mlpbn_checkpoint_load_from(&parts, &reader) == MLPBN_OK) {
        size_t saved = 0;
        mlpbn_writer writer = MLPBN_WRITER_INIT(count, &saved);
        expect(parts.state_size <= sizeof state, "too long a state");
        expect(mlpbn_checkpoint_save_to(&parts, &writer) == MLPBN_OK,
               "cannot be saved again");
        expect(mlpbn_sampler_next(&rows, parts.sampler) == MLPBN_OK, "no next batch");
    }
    mlpbn_sampler_destroy(parts.sampler);
    mlpbn_optimizer_destroy(parts.optimizer);
    mlpbn_network_destroy(parts.network);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    static const char checkpoint[] = "mlpbn.optimizer";
    source s = {bytes, n};
    int is_checkpoint = 0;
    for (size_t i = 0; i + sizeof checkpoint <= n && !is_checkpoint; i++)
        is_checkpoint = memcmp(bytes + i, checkpoint, sizeof checkpoint - 1) == 0;
    if (is_checkpoint)
        load_checkpoint(s);
    else
        load_network(s);
    return 0;
}

#ifndef FUZZ_MAIN

size_t LLVMFuzzerMutate(uint8_t *bytes, size_t n, size_t max_size);
size_t LLVMFuzzerCustomMutator(uint8_t *bytes, size_t n, size_t max_size, unsigned seed);

/* After most mutations the header does not have the length in the file, and loading fails at
 * once. So seven of eight mutations set this length again. */
size_t LLVMFuzzerCustomMutator(uint8_t *bytes, size_t n, size_t max_size, unsigned seed)
{
    n = LLVMFuzzerMutate(bytes, n, max_size);
    size_t end = n;
    while (end > 8 && bytes[end - 1] != '}')
        end--;
    for (size_t i = 0; end > 8 && seed % 8 > 0 && i < 8; i++)
        bytes[i] = (uint8_t)((uint64_t)(end - 8) >> 8 * i);
    return n;
}

#endif
