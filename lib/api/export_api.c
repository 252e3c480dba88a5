#include "api/check.h"
#include "base/struct_size.h"
#include "io/c_source.h"
#include "io/onnx/onnx_read.h"
#include "io/onnx/onnx_write.h"

#include <mlpbn/export.h>
#include <mlpbn/onnx.h>

static const mlpbn_export_c_options c_defaults = MLPBN_EXPORT_C_OPTIONS_INIT;

static const mlpbn_export_onnx_options onnx_defaults = MLPBN_EXPORT_ONNX_OPTIONS_INIT;

mlpbn_status mlpbn_export_c_options_init(mlpbn_export_c_options *options,
                                         size_t struct_size)
{
    return mlpbn__struct_init(options, struct_size, &c_defaults, sizeof c_defaults,
                              "mlpbn_export_c_options");
}

/* target: path or writer, which is named so */
static mlpbn_status check_ends(const mlpbn_network *network, const void *target,
                               const char *name)
{
    mlpbn_status status = MLPBN__CHECK_POINTER(network);
    return status ? status : mlpbn__check_pointer(target, name);
}

static mlpbn_status read_c(mlpbn__c_source *source, const mlpbn_network *network,
                           const void *target, const char *name,
                           const mlpbn_export_c_options *options)
{
    mlpbn_export_c_options ours = c_defaults;
    mlpbn_status status = check_ends(network, target, name);
    if (!status && options)
        status =
            mlpbn__struct_read(&ours, sizeof ours, options, "mlpbn_export_c_options");
    if (!status)
        status = mlpbn__check_pointer(ours.name, "name");
    if (!status)
        status = mlpbn__check_c_name(ours.name);
    *source = (mlpbn__c_source){network, ours.name};
    return status;
}

mlpbn_status mlpbn_export_c(const mlpbn_network *network, const char *path,
                            const mlpbn_export_c_options *options)
{
    mlpbn__c_source source;
    mlpbn_status status = read_c(&source, network, path, "path", options);
    return status ? status
                  : mlpbn__save_to((mlpbn__target){.path = path}, mlpbn__write_c_source,
                                   &source);
}

mlpbn_status mlpbn_export_c_to(const mlpbn_network *network, const mlpbn_writer *writer,
                               const mlpbn_export_c_options *options)
{
    mlpbn__c_source source;
    mlpbn_status status = read_c(&source, network, writer, "writer", options);
    return status ? status
                  : mlpbn__save_to((mlpbn__target){.writer = writer},
                                   mlpbn__write_c_source, &source);
}

mlpbn_status mlpbn_export_onnx_options_init(mlpbn_export_onnx_options *options,
                                            size_t struct_size)
{
    return mlpbn__struct_init(options, struct_size, &onnx_defaults, sizeof onnx_defaults,
                              "mlpbn_export_onnx_options");
}

static mlpbn_status read_onnx(mlpbn__onnx_source *source, const mlpbn_network *network,
                              const void *target, const char *name,
                              const mlpbn_export_onnx_options *options)
{
    mlpbn_export_onnx_options ours = onnx_defaults;
    mlpbn_status status = check_ends(network, target, name);
    if (!status && options)
        status =
            mlpbn__struct_read(&ours, sizeof ours, options, "mlpbn_export_onnx_options");
    if (!status)
        status = mlpbn__check_flag(ours.softmax, "softmax");
    if (status)
        return status;
    const mlpbn_layer *last = network->layers + network->n_layers - 1;
    if (ours.softmax && (last->options.activation != MLPBN_IDENTITY ||
                         last->batchnorm.options.after_activation))
        return mlpbn__fail(MLPBN_EINVAL,
                           "softmax: expected 0 unless the last layer ends with the "
                           "identity");
    *source = (mlpbn__onnx_source){network, ours.softmax};
    return MLPBN_OK;
}

mlpbn_status mlpbn_export_onnx(const mlpbn_network *network, const char *path,
                               const mlpbn_export_onnx_options *options)
{
    mlpbn__onnx_source source;
    mlpbn_status status = read_onnx(&source, network, path, "path", options);
    return status ? status
                  : mlpbn__save_to((mlpbn__target){.path = path}, mlpbn__write_onnx,
                                   &source);
}

mlpbn_status mlpbn_export_onnx_to(const mlpbn_network *network,
                                  const mlpbn_writer *writer,
                                  const mlpbn_export_onnx_options *options)
{
    mlpbn__onnx_source source;
    mlpbn_status status = read_onnx(&source, network, writer, "writer", options);
    return status ? status
                  : mlpbn__save_to((mlpbn__target){.writer = writer}, mlpbn__write_onnx,
                                   &source);
}

mlpbn_status mlpbn_import_onnx(mlpbn_network **network, const char *path)
{
    mlpbn_status status = MLPBN__CHECK_POINTER(network);
    if (!status)
        status = MLPBN__CHECK_POINTER(path);
    return status ? status
                  : mlpbn__load_from((mlpbn__source){.path = path}, mlpbn__read_onnx,
                                     network);
}

mlpbn_status mlpbn_import_onnx_from(mlpbn_network **network, const mlpbn_reader *reader)
{
    mlpbn_status status = MLPBN__CHECK_POINTER(network);
    if (!status)
        status = MLPBN__CHECK_POINTER(reader);
    return status ? status
                  : mlpbn__load_from((mlpbn__source){.reader = reader}, mlpbn__read_onnx,
                                     network);
}
