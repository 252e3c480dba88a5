#include "api/check.h"
#include "api/options.h"
#include "io/c_source.h"
#include "io/onnx/onnx_read.h"
#include "io/onnx/onnx_write.h"

#include <mlpbn/export.h>
#include <mlpbn/onnx.h>

static const mlpbn_export_c_options c_defaults = MLPBN_EXPORT_C_OPTIONS_INIT;

static const mlpbn_export_onnx_options onnx_defaults = MLPBN_EXPORT_ONNX_OPTIONS_INIT;

DEFINE_INIT(mlpbn_export_c_options, mlpbn_export_c_options_init, c_defaults)
DEFINE_INIT(mlpbn_export_onnx_options, mlpbn_export_onnx_options_init, onnx_defaults)

/* --- C ---------------------------------------------------------------------------------- */

static mlpbn_status export_c(const mlpbn_network *network, mlpbn__target target,
                             const mlpbn_export_c_options *caller)
{
    mlpbn_export_c_options options = c_defaults;
    RETURN_IF_ERROR(READ_OVER_DEFAULTS(&options, caller, mlpbn_export_c_options));
    RETURN_IF_ERROR(mlpbn__check_pointer(options.name, "name"));
    RETURN_IF_ERROR(mlpbn__check_c_name(options.name));
    mlpbn__c_export c = {network, options.name};
    return mlpbn__save_to(target, mlpbn__write_c_source, &c);
}

mlpbn_status mlpbn_export_c(const mlpbn_network *network, const char *path,
                            const mlpbn_export_c_options *options)
{
    RETURN_IF_ERROR(MLPBN__CHECK_POINTER(network));
    RETURN_IF_ERROR(MLPBN__CHECK_POINTER(path));
    return export_c(network, (mlpbn__target){.path = path}, options);
}

mlpbn_status mlpbn_export_c_to(const mlpbn_network *network, const mlpbn_writer *writer,
                               const mlpbn_export_c_options *options)
{
    RETURN_IF_ERROR(MLPBN__CHECK_POINTER(network));
    RETURN_IF_ERROR(MLPBN__CHECK_POINTER(writer));
    return export_c(network, (mlpbn__target){.writer = writer}, options);
}

/* --- ONNX ------------------------------------------------------------------------------- */

static mlpbn_status export_onnx(const mlpbn_network *network, mlpbn__target target,
                                const mlpbn_export_onnx_options *caller)
{
    mlpbn_export_onnx_options options = onnx_defaults;
    RETURN_IF_ERROR(READ_OVER_DEFAULTS(&options, caller, mlpbn_export_onnx_options));
    RETURN_IF_ERROR(mlpbn__check_flag(options.softmax, "softmax"));
    const mlpbn_layer *last = network->layers + network->n_layers - 1;
    if (options.softmax && (last->options.activation != MLPBN_IDENTITY ||
                            last->batchnorm.options.after_activation))
        return mlpbn__fail(MLPBN_EINVAL,
                           "softmax: expected 0 unless the last layer ends with the "
                           "identity");
    mlpbn__onnx_export onnx = {network, options.softmax};
    return mlpbn__save_to(target, mlpbn__write_onnx, &onnx);
}

mlpbn_status mlpbn_export_onnx(const mlpbn_network *network, const char *path,
                               const mlpbn_export_onnx_options *options)
{
    RETURN_IF_ERROR(MLPBN__CHECK_POINTER(network));
    RETURN_IF_ERROR(MLPBN__CHECK_POINTER(path));
    return export_onnx(network, (mlpbn__target){.path = path}, options);
}

mlpbn_status mlpbn_export_onnx_to(const mlpbn_network *network,
                                  const mlpbn_writer *writer,
                                  const mlpbn_export_onnx_options *options)
{
    RETURN_IF_ERROR(MLPBN__CHECK_POINTER(network));
    RETURN_IF_ERROR(MLPBN__CHECK_POINTER(writer));
    return export_onnx(network, (mlpbn__target){.writer = writer}, options);
}

mlpbn_status mlpbn_import_onnx(mlpbn_network **network, const char *path)
{
    RETURN_IF_ERROR(MLPBN__CHECK_POINTER(network));
    RETURN_IF_ERROR(MLPBN__CHECK_POINTER(path));
    return mlpbn__load_from((mlpbn__source){.path = path}, mlpbn__read_onnx, network);
}

mlpbn_status mlpbn_import_onnx_from(mlpbn_network **network, const mlpbn_reader *reader)
{
    RETURN_IF_ERROR(MLPBN__CHECK_POINTER(network));
    RETURN_IF_ERROR(MLPBN__CHECK_POINTER(reader));
    return mlpbn__load_from((mlpbn__source){.reader = reader}, mlpbn__read_onnx, network);
}
