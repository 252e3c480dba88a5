#include "api/check.h"
#include "api/options.h"
#include "io/safetensors/checkpoint.h"

#include <mlpbn/checkpoint.h>

static mlpbn_status save_parts(const mlpbn_checkpoint *checkpoint, mlpbn__target target)
{
    mlpbn_checkpoint parts;
    RETURN_IF_ERROR(mlpbn__read_checkpoint(&parts, checkpoint));
    return mlpbn__checkpoint_save(&parts, target);
}

mlpbn_status mlpbn_checkpoint_save(const mlpbn_checkpoint *checkpoint, const char *path)
{
    RETURN_IF_ERROR(MLPBN__CHECK_POINTER(checkpoint));
    RETURN_IF_ERROR(MLPBN__CHECK_POINTER(path));
    return save_parts(checkpoint, (mlpbn__target){.path = path});
}

mlpbn_status mlpbn_checkpoint_save_to(const mlpbn_checkpoint *checkpoint,
                                      const mlpbn_writer *writer)
{
    RETURN_IF_ERROR(MLPBN__CHECK_POINTER(checkpoint));
    RETURN_IF_ERROR(MLPBN__CHECK_POINTER(writer));
    return save_parts(checkpoint, (mlpbn__target){.writer = writer});
}

static mlpbn_status load_parts(mlpbn_checkpoint *checkpoint, mlpbn__source source)
{
    mlpbn_checkpoint parts;
    RETURN_IF_ERROR(mlpbn__read_checkpoint(&parts, checkpoint));
    RETURN_IF_ERROR(
        mlpbn__checkpoint_load(&parts, source, mlpbn__check_optimizer_ranges));
    return mlpbn__struct_write(checkpoint, &parts, sizeof parts, "mlpbn_checkpoint");
}

mlpbn_status mlpbn_checkpoint_load(mlpbn_checkpoint *checkpoint, const char *path)
{
    RETURN_IF_ERROR(MLPBN__CHECK_POINTER(checkpoint));
    RETURN_IF_ERROR(MLPBN__CHECK_POINTER(path));
    return load_parts(checkpoint, (mlpbn__source){.path = path});
}

mlpbn_status mlpbn_checkpoint_load_from(mlpbn_checkpoint *checkpoint,
                                        const mlpbn_reader *reader)
{
    RETURN_IF_ERROR(MLPBN__CHECK_POINTER(checkpoint));
    RETURN_IF_ERROR(MLPBN__CHECK_POINTER(reader));
    return load_parts(checkpoint, (mlpbn__source){.reader = reader});
}
