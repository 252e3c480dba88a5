/* Loads the data set; see data_source.h. */
#include "data_source.h"

#include "downsample.h"
#include "fatal.h"
#include "synthetic.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

enum { SYNTHETIC_SEED = 1 };

const char *data_folder(const char *data)
{
    const char *folder = data ? data : getenv("CIFAR10_DIR");
    return folder && folder[0] != '\0' ? folder : NULL;
}

void data_source_load(data_source *source, const char *data, size_t n_validation)
{
    const char *folder = data_folder(data);
    *source = (data_source){.train_data = &source->data, .synthetic = folder == NULL};
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

void data_source_load_for_training(data_source *source, const train_options *options)
{
    const cifar_data *data = &source->data;
    if (!data_folder(options->data))
        fprintf(stderr,
                "%s: SYNTHETIC DATA, drawn here, because neither --data nor\n"
                "    $CIFAR10_DIR names a folder: results say nothing about CIFAR-10.\n",
                program_name);
    data_source_load(source, options->data, (size_t)options->validation);
    /* Training with a smaller batch instead would be another experiment. */
    if (options->batch > data->train.n)
        usage_error("--batch %" PRIu64 " is more than the %zu training rows",
                    options->batch, data->train.n);
    if (!options->quiet)
        print_classes(data);
    if (options->downsample == 1)
        return;
    if (!downsample_data(&source->downsampled, data, (size_t)options->downsample))
        fatal("%s", source->downsampled.error);
    source->train_data = &source->downsampled;
}

void data_source_free(data_source *source)
{
    cifar_free(&source->downsampled);
    cifar_free(&source->data);
}

uint64_t data_fingerprint(const cifar_data *data)
{
    size_t rows = data->train.n + data->validation.n + data->test.n;
    uint64_t hash = 0xcbf29ce484222325; /* FNV-1a */
    for (size_t i = 0; i < rows; i++) {
        hash = (hash ^ (uint64_t)data->labels[i]) * 0x100000001b3;
        hash = (hash ^ data->pixels[i * CIFAR_PIXELS + i % CIFAR_PIXELS]) * 0x100000001b3;
    }
    return hash;
}
