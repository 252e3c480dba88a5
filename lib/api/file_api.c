#include "api/check.h"
#include "api/options.h"
#include "io/safetensors/safetensors.h"
#include "io/safetensors/network_metadata.h"
#include "io/safetensors/self_test.h"
#include "io/safetensors/standardization_metadata.h"

#include <mlpbn/file.h>

#include <math.h>
#include <stdlib.h>

static mlpbn_status begin_file(mlpbn__file_out *file, mlpbn__network_items *items,
                               const mlpbn_network *network)
{
    mlpbn_status status =
        mlpbn__container_begin(file, &items->items, MLPBN__KIND_NETWORK);
    if (status)
        return status;
    mlpbn__network_texts_set(&file->header, network);
    mlpbn__network_state_set(&file->header, network);
    status = mlpbn__standardization_set(&file->header, items, network);
    if (!status)
        status = mlpbn__self_test_set(&file->header, network);
    if (status)
        mlpbn__header_free(&file->header);
    return status;
}

/* To path, or to the writer if that is NULL. */
static mlpbn_status save(const mlpbn_network *network, const char *path,
                         const mlpbn_writer *writer)
{
    mlpbn__network_items items;
    mlpbn__file_out file;
    mlpbn_status status =
        mlpbn__network_items_new(&items, network, network->standardized, 0);
    if (status)
        return status;
    if (network->standardized)
        mlpbn__standardization_fill(&items, network);
    status = begin_file(&file, &items, network);
    if (!status) {
        status =
            mlpbn__save_to((mlpbn__target){path, writer}, mlpbn__container_put, &file);
        mlpbn__header_free(&file.header);
    }
    mlpbn__network_items_free(&items);
    return status;
}

static mlpbn_status save_network(const mlpbn_network *network, const char *path,
                                 const mlpbn_writer *writer)
{
    mlpbn_status status = MLPBN__CHECK_POINTER(network);
    if (!status)
        status = mlpbn__header_supported();
    return status ? status : save(network, path, writer);
}

mlpbn_status mlpbn_network_save(const mlpbn_network *network, const char *path)
{
    mlpbn_status status = MLPBN__CHECK_POINTER(path);
    return status ? status : save_network(network, path, NULL);
}

mlpbn_status mlpbn_network_save_to(const mlpbn_network *network,
                                   const mlpbn_writer *writer)
{
    mlpbn_status status = MLPBN__CHECK_POINTER(writer);
    return status ? status : save_network(network, NULL, writer);
}

/* What the two kinds of files differ in. */
typedef struct origin {
    int is_ours;
    int standardized;
    mlpbn_status misfit; /* of a tensor that is not as the layers say */
} origin;

static mlpbn_status make_plan(mlpbn__network_plan *plan, origin *from,
                              const mlpbn__file_in *file,
                              const mlpbn_load_options *options)
{
    mlpbn__file_tensor t;
    *plan = (mlpbn__network_plan){.made = NULL};
    from->is_ours = mlpbn__header_get(&file->header, "mlpbn.format") != NULL;
    from->misfit = from->is_ours ? MLPBN_EFORMAT : MLPBN_ESHAPE;
    if (from->is_ours) {
        mlpbn_status status = mlpbn__container_check_kind(file, MLPBN__KIND_NETWORK);
        if (!status)
            status = mlpbn__standardization_is(&file->header, &from->standardized);
        return status ? status : mlpbn__network_plan_read(plan, file);
    }
    if (!options->layers)
        return mlpbn__fail(MLPBN_EINVAL,
                           "the file does not tell its layers, as libmlpbn's own do: "
                           "expected them in mlpbn_load_options");
    from->standardized = !mlpbn__header_find(&file->header, "0.weight", &t);
    return mlpbn__network_plan_guess(plan, file, options->layers, options->n_layers);
}

static mlpbn_status read_standardization(mlpbn_network *network,
                                         const mlpbn__file_in *file,
                                         const mlpbn__network_items *items,
                                         const origin *from, double eps)
{
    size_t n = network->inputs;
    mlpbn_status status = MLPBN_OK;
    double *mean = mlpbn__memory_new(2 * n * sizeof *mean);
    if (!mean)
        return mlpbn__fail(MLPBN_ENOMEM, "no memory for %zu means", n);
    if (from->is_ours)
        status = mlpbn__standardization_get(&file->header, items, network->dtype, mean,
                                            mean + n, n);
    else
        mlpbn__standardization_of(items, network->dtype, eps, mean, mean + n, n);
    if (!status && mlpbn__standardize(network, mean, mean + n) != MLPBN_OK)
        status = mlpbn__fail_in(MLPBN_EFORMAT, "standardization: ");
    mlpbn__memory_free(mean);
    return status;
}

static mlpbn_status read_state(mlpbn_network *network, const mlpbn__header *header)
{
    mlpbn__network_state state;
    mlpbn_status status = mlpbn__network_state_new(&state, network->n_layers);
    if (!status)
        status = mlpbn__network_state_get(&state, header, network);
    if (!status)
        mlpbn__network_state_restore(network, &state);
    mlpbn__network_state_free(&state);
    return status;
}

/* All numbers of a network that was made for this file. */
static mlpbn_status fill(mlpbn_network *network, mlpbn__file_in *file, const origin *from,
                         const mlpbn_load_options *options)
{
    mlpbn__network_items items;
    mlpbn_status status =
        mlpbn__network_items_new(&items, network, from->standardized, 0);
    if (status)
        return status;
    status = mlpbn__container_check(file, &items.items, from->misfit);
    if (!status) {
        mlpbn__container_read(file, &items.items);
        status = mlpbn__container_check_rest(file, &items.items, from->misfit);
    }
    if (!status && from->standardized)
        status = read_standardization(network, file, &items, from,
                                      options->standardization_eps);
    mlpbn__network_items_free(&items);
    for (size_t l = 0; l < network->n_layers; l++)
        network->layers[l].batchnorm.is_initial = 0;
    if (!status && from->is_ours)
        status = read_state(network, &file->header);
    return status;
}

static mlpbn_status make_network(mlpbn_network **made, const mlpbn__network_plan *plan,
                                 const origin *from)
{
    mlpbn_status status =
        mlpbn_network_create(made, &plan->options, plan->layers, plan->n_layers);
    int is_option = status == MLPBN_EINVAL || status == MLPBN_ESIZE;
    return from->is_ours && is_option ? mlpbn__fail_in(MLPBN_EFORMAT, "metadata: ")
                                      : status;
}

static double tolerance_for(const mlpbn_network *network,
                            const mlpbn_load_options *options)
{
    if (options->self_test_tolerance == MLPBN_DEFAULT_SELF_TEST)
        return network->dtype == MLPBN_F32 ? 1e-4 : 1e-10;
    return options->self_test_tolerance;
}

static mlpbn_status build(mlpbn_network **network, mlpbn__file_in *file,
                          const mlpbn_load_options *options)
{
    mlpbn__network_plan plan;
    origin from;
    mlpbn_network *made = NULL;
    mlpbn_status status = make_plan(&plan, &from, file, options);
    if (!status)
        status = make_network(&made, &plan, &from);
    mlpbn__network_plan_free(&plan);
    if (!status)
        status = fill(made, file, &from, options);
    if (!status)
        status =
            mlpbn__self_test_check(&file->header, made, tolerance_for(made, options));
    if (status)
        mlpbn__network_free(made);
    else
        *network = made;
    return status;
}

typedef struct loading {
    mlpbn_network *network;
    const mlpbn_load_options *caller;
} loading;

/* A mlpbn__reader_fn. */
static mlpbn_status load(mlpbn__input *input, void *what)
{
    loading *l = what;
    mlpbn__file_in file;
    mlpbn_status status = mlpbn__container_take(&file, input);
    if (status)
        return status;
    status = build(&l->network, &file, l->caller);
    mlpbn__container_free(&file);
    return status;
}

/* From path, or from the reader if that is NULL. */
static mlpbn_status load_network(mlpbn_network **network, const char *path,
                                 const mlpbn_reader *reader,
                                 const mlpbn_load_options *options)
{
    mlpbn_load_options ours;
    loading l = {.caller = &ours};
    mlpbn_status status = MLPBN__CHECK_POINTER(network);
    if (!status)
        status = mlpbn__read_load_options(&ours, options);
    if (!status)
        status = mlpbn__header_supported();
    if (!status)
        status = mlpbn__load_from((mlpbn__source){path, reader}, load, &l);
    if (!status)
        *network = l.network;
    return status;
}

mlpbn_status mlpbn_network_load(mlpbn_network **network, const char *path,
                                const mlpbn_load_options *options)
{
    mlpbn_status status = MLPBN__CHECK_POINTER(path);
    return status ? status : load_network(network, path, NULL, options);
}

mlpbn_status mlpbn_network_load_from(mlpbn_network **network, const mlpbn_reader *reader,
                                     const mlpbn_load_options *options)
{
    mlpbn_status status = MLPBN__CHECK_POINTER(reader);
    return status ? status : load_network(network, NULL, reader, options);
}
