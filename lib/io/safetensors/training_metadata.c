#include "io/safetensors/training_metadata.h"

#include "base/error.h"
#include "io/safetensors/checksum.h"
#include "io/safetensors/enum_names.h"
#include "io/safetensors/metadata_fields.h"

#include <inttypes.h>
#include <limits.h>

#define LENGTH(array) (sizeof(array) / sizeof *(array))

#define OPTION(name, type) MLPBN__FIELD(#name, type, mlpbn__optimizer_state, options.name)

/* The keys "method" and "decayed" are part of the file format. Bit 1 << kind of "decayed" is
 * MLPBN_KIND_BIT(kind). */
static const mlpbn__metadata_field optimizer_fields[] = {
    MLPBN__ENUM("method", mlpbn__optimizer_state, options.kind,
                mlpbn__optimizer_kind_name, MLPBN__OPTIMIZER_KIND_END),
    OPTION(learning_rate, MLPBN__REAL_FIELD),
    OPTION(momentum, MLPBN__REAL_FIELD),
    OPTION(nesterov, MLPBN__FLAG_FIELD),
    OPTION(beta1, MLPBN__REAL_FIELD),
    OPTION(beta2, MLPBN__REAL_FIELD),
    OPTION(rho, MLPBN__REAL_FIELD),
    OPTION(eps, MLPBN__REAL_FIELD),
    OPTION(weight_decay, MLPBN__REAL_FIELD),
    OPTION(clip_norm, MLPBN__REAL_FIELD),
    MLPBN__FIELD("decayed", MLPBN__COUNT_FIELD, mlpbn__optimizer_state, decay_kinds),
    MLPBN__FIELD("steps", MLPBN__COUNT_FIELD, mlpbn__optimizer_state, steps),
};

static const char optimizer_prefix[] = "mlpbn.optimizer.",
                  sampler_prefix[] = "mlpbn.sampler.";

void mlpbn__optimizer_to_metadata(mlpbn__header_text *header,
                                  const mlpbn_optimizer *optimizer)
{
    mlpbn__optimizer_state state = {.options = optimizer->options,
                                    .steps = optimizer->steps,
                                    .decay_kinds = optimizer->options.decay_kinds /
                                                   MLPBN_KIND_BIT(0)};
    mlpbn__metadata_set_fields(header, optimizer_prefix, optimizer_fields,
                               LENGTH(optimizer_fields), &state);
}

/* Checks that the optimizer in the file has the same averages m and v. */
static mlpbn_status check_same_arrays(const mlpbn_optimizer_options *expected,
                                      const mlpbn_optimizer_options *got)
{
    if (got->kind != expected->kind)
        return mlpbn__fail(MLPBN_EMISMATCH, "optimizer: expected method %s, got %s",
                           mlpbn__optimizer_kind_name(expected->kind),
                           mlpbn__optimizer_kind_name(got->kind));
    if ((got->momentum > 0) != (expected->momentum > 0))
        return mlpbn__fail(MLPBN_EMISMATCH,
                           "optimizer: expected momentum %g, got one of %g in the file: "
                           "both or none must be 0",
                           expected->momentum, got->momentum);
    return MLPBN_OK;
}

mlpbn_status mlpbn__optimizer_from_metadata(const mlpbn__header *header,
                                            mlpbn__optimizer_state *state,
                                            const mlpbn_optimizer *optimizer)
{
    static const mlpbn_optimizer_options defaults = MLPBN_OPTIMIZER_OPTIONS_INIT;
    *state = (mlpbn__optimizer_state){.options = defaults};
    if (!mlpbn__header_get_metadata(header, "mlpbn.optimizer.method"))
        return mlpbn__fail(MLPBN_EMISMATCH, "the checkpoint holds no optimizer");
    RETURN_IF_ERROR(mlpbn__metadata_get_fields(header, optimizer_prefix, optimizer_fields,
                                               LENGTH(optimizer_fields), state));
    if (state->decay_kinds > UINT_MAX / MLPBN_KIND_BIT(0))
        return mlpbn__fail(MLPBN_EFORMAT, "mlpbn.optimizer.decayed: cannot be %" PRIu64,
                           state->decay_kinds);
    state->options.decay_kinds = (unsigned)state->decay_kinds * MLPBN_KIND_BIT(0);
    return check_same_arrays(&optimizer->options, &state->options);
}

#define STATE(name, type) MLPBN__FIELD(#name, type, mlpbn__sampler_state, name)

/* The key "index" is part of the file format. */
static const mlpbn__metadata_field sampler_fields[] = {
    STATE(seed, MLPBN__COUNT_FIELD),
    STATE(epochs, MLPBN__COUNT_FIELD),
    STATE(position, MLPBN__SIZE_FIELD),
    STATE(n, MLPBN__SIZE_FIELD),
    STATE(batch, MLPBN__SIZE_FIELD),
    STATE(used, MLPBN__SIZE_FIELD),
    STATE(shuffle, MLPBN__FLAG_FIELD),
    MLPBN__FIELD("index", MLPBN__COUNT_FIELD, mlpbn__sampler_state, index_checksum),
};

/* Returns the checksum of the index that the sampler was created with. */
static uint64_t checksum_index(const mlpbn_sampler *sampler)
{
    uint64_t checksum = MLPBN__CHECKSUM_INIT;
    for (size_t i = 0; sampler->index && i < sampler->rows.n; i++) {
        unsigned char bytes[8];
        for (int b = 0; b < 8; b++)
            bytes[b] = (unsigned char)((uint64_t)sampler->index[i] >> 8 * b);
        checksum = mlpbn__checksum_update(checksum, bytes, sizeof bytes);
    }
    return checksum;
}

static mlpbn__sampler_state state_of(const mlpbn_sampler *sampler)
{
    return (mlpbn__sampler_state){.seed = sampler->seed,
                                  .epochs = sampler->epochs,
                                  .position = sampler->position,
                                  .n = sampler->rows.n,
                                  .batch = sampler->batch,
                                  .used = sampler->rows_per_epoch,
                                  .shuffle = sampler->shuffle,
                                  .index_checksum = checksum_index(sampler)};
}

void mlpbn__sampler_to_metadata(mlpbn__header_text *header, const mlpbn_sampler *sampler)
{
    mlpbn__sampler_state state = state_of(sampler);
    mlpbn__metadata_set_fields(header, sampler_prefix, sampler_fields,
                               LENGTH(sampler_fields), &state);
}

/* Checks that the sampler in the file has the same rows and options. */
static mlpbn_status check_same_rows(const mlpbn__sampler_state *expected,
                                    const mlpbn__sampler_state *got)
{
    const struct {
        const char *what;
        size_t expected, got;
    } rows[] = {
        {"number of rows", expected->n, got->n},
        {"batch", expected->batch, got->batch},
        {"shuffle", (size_t)expected->shuffle, (size_t)got->shuffle},
        {"number of rows in an epoch (last_batch)", expected->used, got->used},
    };
    for (size_t i = 0; i < LENGTH(rows); i++)
        if (rows[i].got != rows[i].expected)
            return mlpbn__fail(
                MLPBN_EMISMATCH,
                "sampler: its %s is %zu, but %zu in the file: make it with "
                "the rows and options of the run that was saved",
                rows[i].what, rows[i].expected, rows[i].got);
    if (got->index_checksum != expected->index_checksum)
        return mlpbn__fail(MLPBN_EMISMATCH,
                           "sampler: its rows have another index list than in the file: "
                           "make it with the rows of the run that was saved");
    return MLPBN_OK;
}

mlpbn_status mlpbn__sampler_from_metadata(const mlpbn__header *header,
                                          mlpbn__sampler_state *state,
                                          const mlpbn_sampler *sampler)
{
    mlpbn__sampler_state expected = state_of(sampler);
    if (!mlpbn__header_get_metadata(header, "mlpbn.sampler.seed"))
        return mlpbn__fail(MLPBN_EMISMATCH, "the checkpoint holds no sampler");
    RETURN_IF_ERROR(mlpbn__metadata_get_fields(header, sampler_prefix, sampler_fields,
                                               LENGTH(sampler_fields), state));
    RETURN_IF_ERROR(check_same_rows(&expected, state));
    if (state->position > state->used ||
        (state->position < state->used && state->position % state->batch != 0))
        return mlpbn__fail(MLPBN_EFORMAT, "mlpbn.sampler.position: cannot be %zu",
                           state->position);
    return MLPBN_OK;
}
