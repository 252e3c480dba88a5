#include "io/safetensors/network_file.h"

#include "base/error.h"
#include "base/memory.h"
#include "io/safetensors/network_entries.h"
#include "io/safetensors/network_metadata.h"
#include "io/safetensors/network_spec.h"
#include "io/safetensors/safetensors.h"
#include "io/safetensors/self_test.h"
#include "io/safetensors/standardization_metadata.h"

#include <mlpbn/network.h>

/* --- Saving ----------------------------------------------------------------------------- */

typedef struct contents {
    const mlpbn__network_entries *list;
    const mlpbn_network *network;
} contents;

/* A mlpbn__metadata_fn; context: the contents. */
static mlpbn_status add_metadata(mlpbn__header_text *header, const void *context)
{
    const contents *file = context;
    RETURN_IF_ERROR(mlpbn__network_to_metadata(header, file->list, file->network));
    return mlpbn__self_test_to_metadata(header, file->network);
}

mlpbn_status mlpbn__network_save(const mlpbn_network *network, mlpbn__target target)
{
    mlpbn__network_entries list;
    RETURN_IF_ERROR(mlpbn__network_entries_new(&list, network, network->standardized, 0));
    if (network->standardized)
        mlpbn__standardization_to_entries(&list, network);
    mlpbn_status status =
        mlpbn__safetensors_save(&list.entries, MLPBN__KIND_NETWORK, add_metadata,
                                &(contents){&list, network}, target);
    mlpbn__network_entries_free(&list);
    return status;
}

/* --- Loading ---------------------------------------------------------------------------- */

/* The state of a load. */
typedef struct loader {
    mlpbn_network *network; /* NULL until it is created */
    const mlpbn_load_options *options;
    mlpbn__safetensors_in file;
    mlpbn__network_spec spec;
} loader;

static mlpbn_status create_network(loader *l)
{
    const mlpbn__network_spec *spec = &l->spec;
    mlpbn_status status =
        mlpbn_network_create(&l->network, &spec->options, spec->layers, spec->n_layers);
    int is_invalid_option = status == MLPBN_EINVAL || status == MLPBN_ESIZE;
    return spec->is_native && is_invalid_option
               ? mlpbn__fail_in(MLPBN_EFORMAT, "metadata: ")
               : status;
}

/* Reads mean and std, [inputs] each, and standardizes the network by them. */
static mlpbn_status standardize(loader *l, const mlpbn__network_entries *list,
                                double *mean, double *std)
{
    mlpbn_network *network = l->network;
    if (l->spec.is_native)
        RETURN_IF_ERROR(mlpbn__standardization_from_metadata(
            &l->file.header, list, network->dtype, mean, std, network->inputs));
    else
        mlpbn__standardization_from_entries(list, network->dtype,
                                            l->options->standardization_eps, mean, std,
                                            network->inputs);
    if (mlpbn__standardize(network, mean, std) != MLPBN_OK)
        return mlpbn__fail_in(MLPBN_EFORMAT, "standardization: ");
    return MLPBN_OK;
}

static mlpbn_status load_standardization(loader *l, const mlpbn__network_entries *list)
{
    size_t n = l->network->inputs;
    double *mean = mlpbn__memory_new(2 * n * sizeof *mean);
    if (!mean)
        return mlpbn__fail(MLPBN_ENOMEM, "no memory for %zu means", n);
    mlpbn_status status = standardize(l, list, mean, mean + n);
    mlpbn__memory_free(mean);
    return status;
}

static mlpbn_status load_entries(loader *l, const mlpbn__network_entries *list)
{
    const mlpbn__tensor_entries *entries = &list->entries;
    mlpbn_status mismatch_status = l->spec.mismatch_status;
    RETURN_IF_ERROR(mlpbn__safetensors_check_entries(&l->file, entries, mismatch_status));
    mlpbn__safetensors_load_entries(&l->file, entries);
    RETURN_IF_ERROR(mlpbn__safetensors_check_no_others(&l->file, mismatch_status));
    return l->spec.standardized ? load_standardization(l, list) : MLPBN_OK;
}

static mlpbn_status load_tensors(loader *l)
{
    mlpbn__network_entries list;
    RETURN_IF_ERROR(
        mlpbn__network_entries_new(&list, l->network, l->spec.standardized, 0));
    mlpbn_status status = load_entries(l, &list);
    mlpbn__network_entries_free(&list);
    for (size_t i = 0; i < l->network->n_layers; i++)
        l->network->layers[i].batchnorm.is_initial = 0;
    return status;
}

static mlpbn_status load_state(loader *l)
{
    mlpbn__network_state state;
    mlpbn_status status =
        mlpbn__network_state_from_metadata(&l->file.header, &state, l->network);
    if (status == MLPBN_OK)
        mlpbn__network_state_restore(l->network, &state);
    mlpbn__network_state_free(&state);
    return status;
}

static mlpbn_status run_self_test(const loader *l)
{
    double tolerance = l->options->self_test_tolerance;
    if (tolerance == MLPBN_DEFAULT_SELF_TEST)
        tolerance = l->network->dtype == MLPBN_F32 ? 1e-4 : 1e-10;
    return mlpbn__self_test_check(&l->file.header, l->network, tolerance);
}

static mlpbn_status load_network(loader *l)
{
    RETURN_IF_ERROR(create_network(l));
    RETURN_IF_ERROR(load_tensors(l));
    if (l->spec.is_native)
        RETURN_IF_ERROR(load_state(l));
    return run_self_test(l);
}

static mlpbn_status load_file(loader *l)
{
    RETURN_IF_ERROR(mlpbn__network_spec_new(&l->spec, &l->file, l->options));
    mlpbn_status status = load_network(l);
    mlpbn__network_spec_free(&l->spec);
    return status;
}

/* A mlpbn__reader_fn; context: a loader. */
static mlpbn_status read_file(mlpbn__input *input, void *context)
{
    loader *l = context;
    RETURN_IF_ERROR(mlpbn__safetensors_in_new(&l->file, input));
    mlpbn_status status = load_file(l);
    mlpbn__safetensors_in_free(&l->file);
    return status;
}

mlpbn_status mlpbn__network_load(mlpbn_network **network, mlpbn__source source,
                                 const mlpbn_load_options *options)
{
    loader l = {.options = options};
    mlpbn_status status = mlpbn__load_from(source, read_file, &l);
    if (status)
        mlpbn__network_free(l.network);
    else
        *network = l.network;
    return status;
}
