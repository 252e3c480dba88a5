#include "io/safetensors/checkpoint.h"

#include "base/error.h"
#include "base/memory.h"
#include "io/safetensors/network_entries.h"
#include "io/safetensors/network_metadata.h"
#include "io/safetensors/safetensors.h"
#include "io/safetensors/standardization_metadata.h"
#include "io/safetensors/training_metadata.h"

#include <stdlib.h>

static const char state_name[] = "state";

/* --- Entries ---------------------------------------------------------------------------- */

/* Lists the network's tensors. The list has capacity for the averages of an optimizer and the
 * state. */
static mlpbn_status new_list(mlpbn__network_entries *list, const mlpbn_network *network,
                             int standardized)
{
    *list = (mlpbn__network_entries){.mean = NULL};
    if (network)
        return mlpbn__network_entries_new(list, network, standardized,
                                          2 * network->n_tensors + 1);
    list->entries.entry = calloc(1, sizeof *list->entries.entry);
    if (!list->entries.entry)
        return mlpbn__fail(MLPBN_ENOMEM, "no memory for a list of tensors");
    return MLPBN_OK;
}

/* Lists the tensors of all parts. standardized, state_size: as in the file. */
static mlpbn_status list_tensors(mlpbn__network_entries *list,
                                 const mlpbn_checkpoint *parts, int standardized,
                                 size_t state_size)
{
    mlpbn__tensor_entries *entries = &list->entries;
    const mlpbn_optimizer *optimizer = parts->optimizer;
    RETURN_IF_ERROR(new_list(list, parts->network, standardized));
    if (optimizer && optimizer->m)
        mlpbn__tensor_entries_add_like_parameters(entries, parts->network,
                                                  "optimizer.first.", optimizer->m, 0);
    if (optimizer && optimizer->v)
        mlpbn__tensor_entries_add_like_parameters(entries, parts->network,
                                                  "optimizer.second.", optimizer->v, 1);
    if (parts->state)
        mlpbn__tensor_entries_add_bytes(entries, state_name, parts->state, state_size);
    return MLPBN_OK;
}

/* --- Saving ----------------------------------------------------------------------------- */

typedef struct contents {
    const mlpbn__network_entries *list;
    const mlpbn_checkpoint *parts;
} contents;

/* A mlpbn__metadata_fn; context: the contents. */
static mlpbn_status add_metadata(mlpbn__header_text *header, const void *context)
{
    const contents *file = context;
    const mlpbn_checkpoint *parts = file->parts;
    if (parts->network)
        RETURN_IF_ERROR(mlpbn__network_to_metadata(header, file->list, parts->network));
    if (parts->optimizer)
        mlpbn__optimizer_to_metadata(header, parts->optimizer);
    if (parts->sampler)
        mlpbn__sampler_to_metadata(header, parts->sampler);
    return MLPBN_OK;
}

mlpbn_status mlpbn__checkpoint_save(const mlpbn_checkpoint *parts, mlpbn__target target)
{
    mlpbn__network_entries list;
    int standardized = parts->network && parts->network->standardized;
    RETURN_IF_ERROR(list_tensors(&list, parts, standardized, parts->state_size));
    if (standardized)
        mlpbn__standardization_to_entries(&list, parts->network);
    mlpbn_status status =
        mlpbn__safetensors_save(&list.entries, MLPBN__KIND_CHECKPOINT, add_metadata,
                                &(contents){&list, parts}, target);
    mlpbn__network_entries_free(&list);
    return status;
}

/* --- Loading: the metadata of each part, checked before anything is changed -------------- */

/* The state of a load. */
typedef struct loader {
    mlpbn_checkpoint *parts;
    mlpbn__optimizer_options_check_fn *check_options;
    mlpbn__safetensors_in file;
    int standardized;
    double *mean, *std; /* [inputs] each, in one block */
    mlpbn__network_state network_state;
    mlpbn__optimizer_state optimizer_state;
    mlpbn__sampler_state sampler_state;
    size_t state_size;
} loader;

static mlpbn_status compare_options(const mlpbn__header *expected,
                                    const mlpbn__header *header)
{
    char text[MLPBN__NAME_TEXT_SIZE];
    const mlpbn__metadata_pair *pair =
        mlpbn__header_metadata_difference(expected, header);
    if (!pair)
        return MLPBN_OK;
    const char *got = mlpbn__header_get_metadata(header, pair->key);
    return mlpbn__fail(MLPBN_EMISMATCH, "%s: the network has %s, the file %s", pair->key,
                       pair->value, got ? mlpbn__name_text(text, got) : "nothing");
}

/* Writes and parses the header that a file of the network's options would have. */
static mlpbn_status options_header(mlpbn__header *header, const mlpbn_network *network)
{
    mlpbn__header_text text = mlpbn__header_text_new();
    mlpbn__network_options_to_metadata(&text, network);
    mlpbn_status status = mlpbn__header_text_finish(&text);
    if (!status)
        status = mlpbn__header_parse(header, text.json, text.n);
    mlpbn__header_text_free(&text);
    return status;
}

/* Checks that the network was created with the options in the file. */
static mlpbn_status check_network_options(const mlpbn__header *header,
                                          const mlpbn_network *network)
{
    mlpbn__header expected;
    if (!mlpbn__header_get_metadata(header, "mlpbn.inputs"))
        return mlpbn__fail(MLPBN_EMISMATCH, "the checkpoint holds no network");
    RETURN_IF_ERROR(options_header(&expected, network));
    mlpbn_status status = compare_options(&expected, header);
    mlpbn__header_free(&expected);
    return status;
}

static mlpbn_status read_network(loader *l, const mlpbn_network *network)
{
    const mlpbn__header *header = &l->file.header;
    RETURN_IF_ERROR(check_network_options(header, network));
    RETURN_IF_ERROR(mlpbn__standardization_flag_from_metadata(header, &l->standardized));
    return mlpbn__network_state_from_metadata(header, &l->network_state, network);
}

static mlpbn_status read_optimizer(loader *l, const mlpbn_checkpoint *parts)
{
    RETURN_IF_ERROR(mlpbn__optimizer_from_metadata(&l->file.header, &l->optimizer_state,
                                                   parts->optimizer));
    if (l->check_options(&l->optimizer_state.options, parts->network->dtype) != MLPBN_OK)
        return mlpbn__fail_in(MLPBN_EFORMAT, "metadata: ");
    return MLPBN_OK;
}

static mlpbn_status read_state_size(loader *l, size_t max_size)
{
    const mlpbn__file_tensor *t = mlpbn__header_find_tensor(&l->file.header, state_name);
    if (!t)
        return mlpbn__fail(MLPBN_EMISMATCH, "the checkpoint holds no state");
    l->state_size = t->n_dims == 1 ? t->dims[0] : 0;
    if (l->state_size <= max_size)
        return MLPBN_OK;
    return mlpbn__fail(MLPBN_ESHAPE, "state: expected at most %zu bytes, got %zu",
                       max_size, l->state_size);
}

static mlpbn_status read_metadata(loader *l)
{
    const mlpbn_checkpoint *parts = l->parts;
    RETURN_IF_ERROR(mlpbn__safetensors_check_kind(&l->file, MLPBN__KIND_CHECKPOINT));
    if (parts->network)
        RETURN_IF_ERROR(read_network(l, parts->network));
    if (parts->optimizer)
        RETURN_IF_ERROR(read_optimizer(l, parts));
    if (parts->sampler)
        RETURN_IF_ERROR(mlpbn__sampler_from_metadata(&l->file.header, &l->sampler_state,
                                                     parts->sampler));
    if (parts->state)
        RETURN_IF_ERROR(read_state_size(l, parts->state_size));
    return MLPBN_OK;
}

/* --- Loading: tensors and state ---------------------------------------------------------- */

static mlpbn_status read_standardization(loader *l, const mlpbn__network_entries *list)
{
    const mlpbn_network *network = l->parts->network;
    mlpbn__tensor_entries entries = mlpbn__standardization_entries(list);
    l->mean = mlpbn__memory_new(2 * network->inputs * sizeof *l->mean);
    if (!l->mean)
        return mlpbn__fail(MLPBN_ENOMEM, "no memory for what the checkpoint says");
    l->std = l->mean + network->inputs;
    mlpbn__safetensors_load_entries(&l->file, &entries);
    return mlpbn__standardization_from_metadata(&l->file.header, list, network->dtype,
                                                l->mean, l->std, network->inputs);
}

/* Standardizes the network as in the file. This is the last step that can fail; if it fails,
 * nothing has changed. */
static mlpbn_status restore_standardization(const loader *l)
{
    if (mlpbn__standardize(l->parts->network, l->mean, l->std) != MLPBN_OK)
        return mlpbn__fail_in(MLPBN_EFORMAT, "standardization: ");
    return MLPBN_OK;
}

static void restore(loader *l, const mlpbn__tensor_entries *entries)
{
    mlpbn_checkpoint *parts = l->parts;
    mlpbn__safetensors_load_entries(&l->file, entries);
    if (parts->network)
        mlpbn__network_state_restore(parts->network, &l->network_state);
    if (parts->optimizer) {
        parts->optimizer->options = l->optimizer_state.options;
        parts->optimizer->steps = l->optimizer_state.steps;
        mlpbn__optimizer_update_bounds(parts->optimizer, parts->network);
    }
    if (parts->sampler)
        mlpbn__sampler_seek(parts->sampler, l->sampler_state.seed,
                            l->sampler_state.epochs, l->sampler_state.position);
    if (parts->state)
        parts->state_size = l->state_size;
}

static mlpbn_status load_entries(loader *l, const mlpbn__network_entries *list)
{
    RETURN_IF_ERROR(
        mlpbn__safetensors_check_entries(&l->file, &list->entries, MLPBN_EFORMAT));
    if (l->standardized)
        RETURN_IF_ERROR(read_standardization(l, list));
    if (l->parts->network)
        RETURN_IF_ERROR(restore_standardization(l));
    restore(l, &list->entries);
    return MLPBN_OK;
}

static mlpbn_status load_parts(loader *l)
{
    mlpbn__network_entries list;
    RETURN_IF_ERROR(read_metadata(l));
    RETURN_IF_ERROR(list_tensors(&list, l->parts, l->standardized, l->state_size));
    mlpbn_status status = load_entries(l, &list);
    mlpbn__network_entries_free(&list);
    return status;
}

/* A mlpbn__reader_fn; context: a loader. */
static mlpbn_status read_file(mlpbn__input *input, void *context)
{
    loader *l = context;
    RETURN_IF_ERROR(mlpbn__safetensors_in_new(&l->file, input));
    mlpbn_status status = load_parts(l);
    mlpbn__memory_free(l->mean);
    mlpbn__network_state_free(&l->network_state);
    mlpbn__safetensors_in_free(&l->file);
    return status;
}

mlpbn_status mlpbn__checkpoint_load(mlpbn_checkpoint *parts, mlpbn__source source,
                                    mlpbn__optimizer_options_check_fn *check_options)
{
    loader l = {.parts = parts, .check_options = check_options};
    return mlpbn__load_from(source, read_file, &l);
}

static mlpbn_status load_new_state(loader *l)
{
    mlpbn_checkpoint *parts = l->parts;
    RETURN_IF_ERROR(mlpbn__safetensors_check_kind(&l->file, MLPBN__KIND_CHECKPOINT));
    RETURN_IF_ERROR(read_state_size(l, SIZE_MAX));
    parts->state_size = l->state_size;
    parts->state = mlpbn__memory_new(l->state_size);
    if (!parts->state)
        return mlpbn__fail(MLPBN_ENOMEM, "no memory for a state of %zu bytes",
                           l->state_size);
    return load_parts(l);
}

/* A mlpbn__reader_fn; context: a loader. */
static mlpbn_status read_state(mlpbn__input *input, void *context)
{
    loader *l = context;
    RETURN_IF_ERROR(mlpbn__safetensors_in_new(&l->file, input));
    mlpbn_status status = load_new_state(l);
    mlpbn__safetensors_in_free(&l->file);
    return status;
}

mlpbn_status mlpbn__checkpoint_load_state(void **state, size_t *size,
                                          mlpbn__source source)
{
    mlpbn_checkpoint parts = {.state = NULL};
    loader l = {.parts = &parts};
    mlpbn_status status = mlpbn__load_from(source, read_state, &l);
    if (status) {
        mlpbn__memory_free(parts.state);
        return status;
    }
    *state = parts.state;
    *size = parts.state_size;
    return MLPBN_OK;
}
