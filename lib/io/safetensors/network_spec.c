#include "io/safetensors/network_spec.h"

#include "base/dtype.h"
#include "base/error.h"
#include "io/safetensors/network_metadata.h"
#include "io/safetensors/standardization_metadata.h"

#include <inttypes.h>
#include <stdlib.h>

static const mlpbn_network_options defaults = MLPBN_NETWORK_OPTIONS_INIT(0);

/* --- Files of libmlpbn ------------------------------------------------------------------ */

static mlpbn_status new_layers(mlpbn__network_spec *spec)
{
    spec->owned_layers = calloc(spec->n_layers, sizeof *spec->owned_layers);
    spec->owned_batchnorms = calloc(spec->n_layers, sizeof *spec->owned_batchnorms);
    spec->layers = spec->owned_layers;
    if (spec->owned_layers && spec->owned_batchnorms)
        return MLPBN_OK;
    return mlpbn__fail(MLPBN_ENOMEM, "no memory for %zu layers", spec->n_layers);
}

/* Checks that the file is large enough for the weights, so that a file of a few bytes cannot
 * cause a large network to be allocated. */
static mlpbn_status check_size(const mlpbn__network_spec *spec, uint64_t n_data)
{
    size_t bytes = 0, inputs = spec->options.inputs;
    for (size_t l = 0; l < spec->n_layers && bytes != SIZE_MAX; l++) {
        size_t weights = mlpbn__multiply(inputs, spec->layers[l].units);
        weights = mlpbn__multiply(weights, mlpbn__sizeof(spec->options.dtype));
        bytes = weights > SIZE_MAX - bytes ? SIZE_MAX : bytes + weights;
        inputs = spec->layers[l].units;
    }
    if (bytes <= n_data)
        return MLPBN_OK;
    return mlpbn__fail(MLPBN_EFORMAT,
                       "the layers have %zu bytes of weights, the file has %" PRIu64
                       " of data",
                       bytes, n_data);
}

static mlpbn_status read_spec(mlpbn__network_spec *spec,
                              const mlpbn__safetensors_in *file)
{
    const mlpbn__header *header = &file->header;
    RETURN_IF_ERROR(mlpbn__safetensors_check_kind(file, MLPBN__KIND_NETWORK));
    RETURN_IF_ERROR(
        mlpbn__standardization_flag_from_metadata(header, &spec->standardized));
    RETURN_IF_ERROR(
        mlpbn__network_options_from_metadata(header, &spec->options, &spec->n_layers));
    size_t max_layers = header->n_tensors; /* each layer has a weight */
    if (spec->n_layers < 1 || spec->n_layers > max_layers)
        return mlpbn__fail(MLPBN_EFORMAT,
                           "mlpbn.layers: expected 1 to the %zu tensors, got %zu",
                           max_layers, spec->n_layers);
    RETURN_IF_ERROR(new_layers(spec));
    for (size_t l = 0; l < spec->n_layers; l++)
        RETURN_IF_ERROR(mlpbn__layer_options_from_metadata(
            header, l, spec->owned_layers + l, spec->owned_batchnorms + l));
    return check_size(spec, file->n_data);
}

/* --- Files of other software ------------------------------------------------------------ */

/* Finds the first weight: 0.weight, or 1.weight after standardization. */
static mlpbn_status find_weight(const mlpbn__file_tensor **weight,
                                const mlpbn__header *header)
{
    char shape[MLPBN__SHAPE_TEXT_SIZE];
    int standardized = !mlpbn__header_find_tensor(header, "0.weight") &&
                       mlpbn__header_find_tensor(header, "0.running_mean");
    const char *name = standardized ? "1.weight" : "0.weight";
    const mlpbn__file_tensor *found = *weight = mlpbn__header_find_tensor(header, name);
    if (!found)
        return mlpbn__fail(MLPBN_ESHAPE,
                           "the file has no tensor %s: expected the state_dict() of an "
                           "nn.Sequential that begins with a Linear",
                           name);
    if (found->n_dims == 2 && found->dims[0] > 0)
        return MLPBN_OK;
    return mlpbn__fail(MLPBN_ESHAPE, "%s: expected [units][inputs], got %s", name,
                       mlpbn__shape_text(shape, found->n_dims, found->dims));
}

static mlpbn_status infer_spec(mlpbn__network_spec *spec, const mlpbn__header *header,
                               const mlpbn_load_options *options)
{
    const mlpbn__file_tensor *weight;
    if (!options->layers)
        return mlpbn__fail(MLPBN_EINVAL,
                           "the file does not tell its layers, as libmlpbn's own do: "
                           "expected them in mlpbn_load_options");
    spec->layers = options->layers;
    spec->n_layers = options->n_layers;
    spec->standardized = !mlpbn__header_find_tensor(header, "0.weight");
    RETURN_IF_ERROR(find_weight(&weight, header));
    if (weight->dtype != MLPBN__FILE_F32 && weight->dtype != MLPBN__FILE_F64)
        return mlpbn__fail(MLPBN_EUNSUPPORTED, "%s: expected F32 or F64, got %s",
                           weight->name, mlpbn__file_dtype_name(weight->dtype));
    spec->options.inputs = weight->dims[1];
    spec->options.dtype = weight->dtype == MLPBN__FILE_F32 ? MLPBN_F32 : MLPBN_F64;
    return MLPBN_OK;
}

/* --- All files--------------------------------------------------------------------------- */

mlpbn_status mlpbn__network_spec_new(mlpbn__network_spec *spec,
                                     const mlpbn__safetensors_in *file,
                                     const mlpbn_load_options *options)
{
    int is_native = mlpbn__safetensors_is_native(file);
    *spec = (mlpbn__network_spec){.options = defaults,
                                  .is_native = is_native,
                                  .mismatch_status =
                                      is_native ? MLPBN_EFORMAT : MLPBN_ESHAPE};
    mlpbn_status status =
        is_native ? read_spec(spec, file) : infer_spec(spec, &file->header, options);
    if (status)
        mlpbn__network_spec_free(spec);
    return status;
}

void mlpbn__network_spec_free(mlpbn__network_spec *spec)
{
    free(spec->owned_layers);
    free(spec->owned_batchnorms);
}
