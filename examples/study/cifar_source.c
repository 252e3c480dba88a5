/* Loads the data set; see cifar_source.h. */
#include "cifar_source.h"

#include "fatal.h"
#include "synthetic.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

enum { SYNTHETIC_SEED = 1 };

/* Returns NULL if no folder is named. */
static const char *data_folder(const train_options *options)
{
    const char *folder = options->data ? options->data : getenv("CIFAR10_DIR");
    return folder && folder[0] != '\0' ? folder : NULL;
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
    const char *folder = data_folder(options);
    cifar_data *data = &source->data;
    source->synthetic = folder == NULL;
    if (source->synthetic)
        fprintf(stderr,
                "%s: SYNTHETIC DATA, drawn here, because neither --data nor\n"
                "    $CIFAR10_DIR names a folder: results say nothing about CIFAR-10.\n",
                program_name);
    if (source->synthetic ? !synthetic_draw(data, SYNTHETIC_SEED)
                          : !cifar_load(data, folder, (size_t)options->validation))
        fatal("%s", data->error);
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
