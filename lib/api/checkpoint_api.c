#include "api/check.h"
#include "api/options.h"
#include "io/safetensors/safetensors.h"
#include "io/safetensors/network_metadata.h"
#include "io/safetensors/standardization_metadata.h"
#include "io/safetensors/training_metadata.h"

#include <mlpbn/checkpoint.h>

#include <stdlib.h>

static const char state_name[] = "state";

/* The items of all parts. state_size: of the file. */
static mlpbn_status list_items(mlpbn__network_items *list, const mlpbn_checkpoint *parts,
                               int standardized, size_t state_size)
{
    mlpbn__items *items = &list->items;
    *list = (mlpbn__network_items){.mean = NULL};
    if (parts->network) {
        mlpbn_status status = mlpbn__network_items_new(list, parts->network, standardized,
                                                       2 * parts->network->n_tensors + 1);
        if (status)
            return status;
    } else {
        items->item = calloc(1, sizeof *items->item);
        if (!items->item)
            return mlpbn__fail(MLPBN_ENOMEM, "no memory for a list of tensors");
    }
    if (parts->optimizer && parts->optimizer->first)
        mlpbn__items_add_like_parameters(items, parts->network, "optimizer.first.",
                                         parts->optimizer->first, 0);
    if (parts->optimizer && parts->optimizer->second)
        mlpbn__items_add_like_parameters(items, parts->network, "optimizer.second.",
                                         parts->optimizer->second, 1);
    if (parts->state)
        mlpbn__items_add_bytes(items, state_name, parts->state, state_size);
    return MLPBN_OK;
}

static mlpbn_status begin_file(mlpbn__file_out *file, mlpbn__network_items *list,
                               const mlpbn_checkpoint *parts)
{
    mlpbn_status status =
        mlpbn__container_begin(file, &list->items, MLPBN__KIND_CHECKPOINT);
    if (status)
        return status;
    if (parts->network) {
        mlpbn__network_texts_set(&file->header, parts->network);
        mlpbn__network_state_set(&file->header, parts->network);
        status = mlpbn__standardization_set(&file->header, list, parts->network);
    }
    if (parts->optimizer)
        mlpbn__optimizer_texts_set(&file->header, parts->optimizer);
    if (parts->sampler)
        mlpbn__sampler_texts_set(&file->header, parts->sampler);
    if (status)
        mlpbn__header_free(&file->header);
    return status;
}

/* To path, or to the writer if that is NULL. */
static mlpbn_status save(const mlpbn_checkpoint *caller, const char *path,
                         const mlpbn_writer *writer)
{
    mlpbn_checkpoint parts;
    mlpbn__network_items list;
    mlpbn__file_out file;
    mlpbn_status status = mlpbn__read_checkpoint(&parts, caller);
    if (!status)
        status = mlpbn__header_supported();
    if (status)
        return status;
    int standardized = parts.network && parts.network->standardized;
    status = list_items(&list, &parts, standardized, parts.state_size);
    if (status)
        return status;
    if (standardized)
        mlpbn__standardization_fill(&list, parts.network);
    status = begin_file(&file, &list, &parts);
    if (!status) {
        status =
            mlpbn__save_to((mlpbn__target){path, writer}, mlpbn__container_put, &file);
        mlpbn__header_free(&file.header);
    }
    mlpbn__network_items_free(&list);
    return status;
}

mlpbn_status mlpbn_checkpoint_save(const mlpbn_checkpoint *checkpoint, const char *path)
{
    mlpbn_status status = MLPBN__CHECK_POINTER(checkpoint);
    if (!status)
        status = MLPBN__CHECK_POINTER(path);
    return status ? status : save(checkpoint, path, NULL);
}

mlpbn_status mlpbn_checkpoint_save_to(const mlpbn_checkpoint *checkpoint,
                                      const mlpbn_writer *writer)
{
    mlpbn_status status = MLPBN__CHECK_POINTER(checkpoint);
    if (!status)
        status = MLPBN__CHECK_POINTER(writer);
    return status ? status : save(checkpoint, NULL, writer);
}

/* All that a file says of the parts, checked before anything is changed. */
typedef struct restored {
    int standardized;
    double *mean, *std; /* [inputs], one block */
    mlpbn__network_state network;
    mlpbn__optimizer_state optimizer;
    mlpbn__sampler_state sampler;
    size_t state_size;
} restored;

static mlpbn_status new_restored(restored *r, const mlpbn_network *network)
{
    size_t inputs = network ? network->inputs : 1;
    *r = (restored){.mean = mlpbn__memory_new(2 * inputs * sizeof *r->mean)};
    if (!r->mean)
        return mlpbn__fail(MLPBN_ENOMEM, "no memory for what the checkpoint says");
    r->std = r->mean + inputs;
    return mlpbn__network_state_new(&r->network, network ? network->n_layers : 1);
}

static void free_restored(restored *r)
{
    mlpbn__memory_free(r->mean);
    mlpbn__network_state_free(&r->network);
}

/* The network must have been made as that of the file: the texts are the same. */
static mlpbn_status check_network(restored *r, const mlpbn__header *header,
                                  const mlpbn_network *network)
{
    mlpbn__header expected;
    if (!mlpbn__header_get(header, "mlpbn.inputs"))
        return mlpbn__fail(MLPBN_EMISMATCH, "the checkpoint holds no network");
    mlpbn_status status = mlpbn__header_new(&expected);
    if (status)
        return status;
    mlpbn__network_texts_set(&expected, network);
    const char *key = mlpbn__header_difference(&expected, header);
    if (expected.failed) {
        status = mlpbn__fail(MLPBN_ENOMEM, "no memory for the network's options");
    } else if (key) {
        char text[MLPBN__NAME_TEXT];
        const char *got = mlpbn__header_get(header, key);
        status = mlpbn__fail(MLPBN_EMISMATCH, "%s: the network has %s, the file %s", key,
                             mlpbn__header_get(&expected, key),
                             got ? mlpbn__name_text(text, got) : "nothing");
    }
    mlpbn__header_free(&expected);
    if (!status)
        status = mlpbn__standardization_is(header, &r->standardized);
    return status ? status : mlpbn__network_state_get(&r->network, header, network);
}

static mlpbn_status check_optimizer(restored *r, const mlpbn__header *header,
                                    const mlpbn_checkpoint *parts)
{
    mlpbn_optimizer_options *options = &r->optimizer.options, given;
    mlpbn_status status =
        mlpbn__optimizer_texts_get(header, &r->optimizer, parts->optimizer);
    if (status)
        return status;
    given = *options;
    status = mlpbn__read_optimizer_options(options, &given, parts->network->dtype);
    return status ? mlpbn__fail_in(MLPBN_EFORMAT, "metadata: ") : MLPBN_OK;
}

static mlpbn_status check_state(restored *r, const mlpbn__header *header, size_t room)
{
    mlpbn__file_tensor t;
    if (!mlpbn__header_find(header, state_name, &t))
        return mlpbn__fail(MLPBN_EMISMATCH, "the checkpoint holds no state");
    r->state_size = t.n_dims == 1 ? t.dims[0] : 0;
    if (r->state_size <= room)
        return MLPBN_OK;
    return mlpbn__fail(MLPBN_ESHAPE, "state: expected at most %zu bytes, got %zu", room,
                       r->state_size);
}

static mlpbn_status check_parts(restored *r, const mlpbn__file_in *file,
                                const mlpbn_checkpoint *parts)
{
    const mlpbn__header *header = &file->header;
    mlpbn_status status = mlpbn__container_check_kind(file, MLPBN__KIND_CHECKPOINT);
    if (!status && parts->network)
        status = check_network(r, header, parts->network);
    if (!status && parts->optimizer)
        status = check_optimizer(r, header, parts);
    if (!status && parts->sampler)
        status = mlpbn__sampler_texts_get(header, &r->sampler, parts->sampler);
    if (!status && parts->state)
        status = check_state(r, header, parts->state_size);
    return status;
}

/* The last that can fail; it changes nothing then. */
static mlpbn_status restore_standardization(const restored *r, mlpbn_network *network)
{
    const double *mean = r->standardized ? r->mean : NULL;
    mlpbn_status status = mlpbn__standardize(network, mean, mean ? r->std : NULL);
    return status ? mlpbn__fail_in(MLPBN_EFORMAT, "standardization: ") : MLPBN_OK;
}

static void restore(const restored *r, const mlpbn__file_in *file,
                    const mlpbn__items *items, mlpbn_checkpoint *parts)
{
    mlpbn_network *network = parts->network;
    mlpbn__container_read(file, items);
    if (network)
        mlpbn__network_state_restore(network, &r->network);
    if (parts->optimizer) {
        parts->optimizer->options = r->optimizer.options;
        parts->optimizer->steps = r->optimizer.steps;
        mlpbn__optimizer_bound(parts->optimizer, network);
    }
    if (parts->sampler)
        mlpbn__sampler_seek(parts->sampler, r->sampler.seed, r->sampler.epochs,
                            r->sampler.position);
    if (parts->state)
        parts->state_size = r->state_size;
}

static mlpbn_status check_and_restore(restored *r, const mlpbn__file_in *file,
                                      mlpbn_checkpoint *parts)
{
    mlpbn__network_items list;
    mlpbn_status status = check_parts(r, file, parts);
    if (!status)
        status = list_items(&list, parts, r->standardized, r->state_size);
    if (status)
        return status;
    status = mlpbn__container_check(file, &list.items, MLPBN_EFORMAT);
    if (!status && r->standardized) {
        mlpbn__items items = mlpbn__standardization_items(&list);
        mlpbn__container_read(file, &items);
        status = mlpbn__standardization_get(&file->header, &list, parts->network->dtype,
                                            r->mean, r->std, parts->network->inputs);
    }
    if (!status && parts->network)
        status = restore_standardization(r, parts->network);
    if (!status)
        restore(r, file, &list.items, parts);
    mlpbn__network_items_free(&list);
    return status;
}

/* A mlpbn__reader_fn. */
static mlpbn_status load(mlpbn__input *input, void *what)
{
    mlpbn_checkpoint *parts = what;
    mlpbn__file_in file;
    restored r;
    mlpbn_status status = mlpbn__container_take(&file, input);
    if (status)
        return status;
    status = new_restored(&r, parts->network);
    if (!status)
        status = check_and_restore(&r, &file, parts);
    free_restored(&r);
    mlpbn__container_free(&file);
    return status;
}

/* From path, or from the reader if that is NULL. */
static mlpbn_status load_parts(mlpbn_checkpoint *caller, const char *path,
                               const mlpbn_reader *reader)
{
    mlpbn_checkpoint parts;
    mlpbn_status status = mlpbn__read_checkpoint(&parts, caller);
    if (!status)
        status = mlpbn__header_supported();
    if (!status)
        status = mlpbn__load_from((mlpbn__source){path, reader}, load, &parts);
    return status ? status
                  : mlpbn__struct_write(caller, &parts, sizeof parts, "mlpbn_checkpoint");
}

mlpbn_status mlpbn_checkpoint_load(mlpbn_checkpoint *checkpoint, const char *path)
{
    mlpbn_status status = MLPBN__CHECK_POINTER(checkpoint);
    if (!status)
        status = MLPBN__CHECK_POINTER(path);
    return status ? status : load_parts(checkpoint, path, NULL);
}

mlpbn_status mlpbn_checkpoint_load_from(mlpbn_checkpoint *checkpoint,
                                        const mlpbn_reader *reader)
{
    mlpbn_status status = MLPBN__CHECK_POINTER(checkpoint);
    if (!status)
        status = MLPBN__CHECK_POINTER(reader);
    return status ? status : load_parts(checkpoint, NULL, reader);
}
