/* Loads the data set; see cifar_source.h. */
#include "cifar_source.h"

#include "fatal.h"
#include "synthetic.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

enum { SYNTHETIC_SEED = 1 };

const char *cifar_folder(const char *data)
{
    const char *folder = data ? data : getenv("CIFAR10_DIR");
    return folder && folder[0] != '\0' ? folder : NULL;
}

void cifar_source_open(cifar_source *source, const char *data, size_t n_validation)
{
    const char *folder = cifar_folder(data);
    source->synthetic = folder == NULL;
    if (source->synthetic ? !synthetic_draw(&source->data, SYNTHETIC_SEED)
                          : !cifar_load(&source->data, folder, n_validation))
        fatal("%s", source->data.error);
}

static void print_classes(const cifar_data *data)
{
    fprintf(stderr, "%zu training, %zu validation, %zu test pictures:", data->train.n,
            data->validation.n, data->test.n);
    for (int i = 0; i < CIFAR_CLASSES; i++)
        fprintf(stderr, "%s %s", i > 0 ? "," : "", data->names[i]);
    fputc('\n', stderr);
}

void cifar_source_load(cifar_source *source, const train_options *options)
{
    const cifar_data *data = &source->data;
    if (!cifar_folder(options->data))
        fprintf(stderr,
                "%s: SYNTHETIC DATA, drawn here, because neither --data nor\n"
                "    $CIFAR10_DIR names a folder: results say nothing about CIFAR-10.\n",
                program_name);
    cifar_source_open(source, options->data, (size_t)options->validation);
    /* A smaller batch than asked for would be another experiment. */
    if (options->batch > data->train.n)
        usage_error("--batch %" PRIu64 " is more than the %zu training rows",
                    options->batch, data->train.n);
    if (!options->quiet)
        print_classes(data);
}

uint64_t cifar_fingerprint(const cifar_data *data)
{
    size_t rows = data->train.n + data->validation.n + data->test.n;
    uint64_t hash = 0xcbf29ce484222325; /* FNV-1a */
    for (size_t i = 0; i < rows; i++) {
        hash = (hash ^ (uint64_t)data->labels[i]) * 0x100000001b3;
        hash = (hash ^ data->pixels[i * CIFAR_PIXELS + i % CIFAR_PIXELS]) * 0x100000001b3;
    }
    return hash;
}
