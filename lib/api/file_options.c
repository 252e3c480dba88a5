/* The structs for saving and loading: defaults and ranges. */
#include "api/check.h"
#include "api/options.h"

#include <mlpbn/checkpoint.h>
#include <mlpbn/stream.h>

static const mlpbn_writer writer_defaults = MLPBN_WRITER_INIT(NULL, NULL);

static const mlpbn_reader reader_defaults = MLPBN_READER_INIT(NULL, NULL);

static const mlpbn_load_options load_defaults = MLPBN_LOAD_OPTIONS_INIT;

static const mlpbn_checkpoint checkpoint_defaults = MLPBN_CHECKPOINT_INIT;

DEFINE_INIT(mlpbn_writer, mlpbn_writer_init, writer_defaults)
DEFINE_INIT(mlpbn_reader, mlpbn_reader_init, reader_defaults)
DEFINE_INIT(mlpbn_load_options, mlpbn_load_options_init, load_defaults)
DEFINE_INIT(mlpbn_checkpoint, mlpbn_checkpoint_init, checkpoint_defaults)

mlpbn_status mlpbn__read_load_options(mlpbn_load_options *options,
                                      const mlpbn_load_options *caller)
{
    *options = load_defaults;
    RETURN_IF_ERROR(READ_OVER_DEFAULTS(options, caller, mlpbn_load_options));
    RETURN_IF_ERROR(
        mlpbn__check_at_least(options->standardization_eps, 0, "standardization_eps"));
    if (options->self_test_tolerance >= 0 ||
        options->self_test_tolerance == MLPBN_DEFAULT_SELF_TEST)
        return MLPBN_OK;
    return mlpbn__fail(MLPBN_EINVAL,
                       "self_test_tolerance: expected at least 0 or "
                       "MLPBN_DEFAULT_SELF_TEST, got %g",
                       options->self_test_tolerance);
}

mlpbn_status mlpbn__read_checkpoint(mlpbn_checkpoint *parts,
                                    const mlpbn_checkpoint *caller)
{
    *parts = checkpoint_defaults;
    RETURN_IF_ERROR(mlpbn__struct_read(parts, sizeof *parts, caller, "mlpbn_checkpoint"));
    if (parts->optimizer && !parts->network)
        return mlpbn__fail(MLPBN_EINVAL,
                           "checkpoint: expected the network of its optimizer, got NULL");
    if (parts->state_size > 0 && !parts->state)
        return mlpbn__fail(MLPBN_EINVAL,
                           "checkpoint: expected a state of %zu bytes, "
                           "got NULL",
                           parts->state_size);
    return parts->optimizer ? mlpbn__check_optimizer(parts->optimizer, parts->network)
                            : MLPBN_OK;
}
