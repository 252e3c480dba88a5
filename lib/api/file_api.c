#include "api/check.h"
#include "api/options.h"
#include "io/safetensors/network_file.h"

#include <mlpbn/file.h>

mlpbn_status mlpbn_network_save(const mlpbn_network *network, const char *path)
{
    RETURN_IF_ERROR(MLPBN__CHECK_POINTER(path));
    RETURN_IF_ERROR(MLPBN__CHECK_POINTER(network));
    return mlpbn__network_save(network, (mlpbn__target){.path = path});
}

mlpbn_status mlpbn_network_save_to(const mlpbn_network *network,
                                   const mlpbn_writer *writer)
{
    RETURN_IF_ERROR(MLPBN__CHECK_POINTER(writer));
    RETURN_IF_ERROR(MLPBN__CHECK_POINTER(network));
    return mlpbn__network_save(network, (mlpbn__target){.writer = writer});
}

static mlpbn_status load_network(mlpbn_network **network, mlpbn__source source,
                                 const mlpbn_load_options *caller)
{
    mlpbn_load_options options;
    RETURN_IF_ERROR(MLPBN__CHECK_POINTER(network));
    RETURN_IF_ERROR(mlpbn__read_load_options(&options, caller));
    return mlpbn__network_load(network, source, &options);
}

mlpbn_status mlpbn_network_load(mlpbn_network **network, const char *path,
                                const mlpbn_load_options *options)
{
    RETURN_IF_ERROR(MLPBN__CHECK_POINTER(path));
    return load_network(network, (mlpbn__source){.path = path}, options);
}

mlpbn_status mlpbn_network_load_from(mlpbn_network **network, const mlpbn_reader *reader,
                                     const mlpbn_load_options *options)
{
    RETURN_IF_ERROR(MLPBN__CHECK_POINTER(reader));
    return load_network(network, (mlpbn__source){.reader = reader}, options);
}
