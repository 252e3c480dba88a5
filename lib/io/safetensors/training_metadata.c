#include "io/safetensors/training_metadata.h"

#include "base/error.h"
#include "io/safetensors/checksum.h"
#include "io/safetensors/metadata_fields.h"

#include <inttypes.h>
#include <limits.h>
#include <stddef.h>

#define LENGTH(array) (sizeof(array) / sizeof *(array))

static const char *const methods[] = {[MLPBN_SGD] = "sgd",
                                      [MLPBN_RMSPROP] = "rmsprop",
                                      [MLPBN_ADAM] = "adam",
                                      [MLPBN_ADAMW] = "adamw"};

#define OPTION(name, type)                                                               \
    {                                                                                    \
#name, type, offsetof(mlpbn__optimizer_state, options.name), NULL, 0             \
    }

static const mlpbn__field optimizer_fields[] = {
    {"method", MLPBN__FIELD_NAME, offsetof(mlpbn__optimizer_state, options.kind), methods,
     LENGTH(methods)},
    OPTION(learning_rate, MLPBN__FIELD_REAL),
    OPTION(momentum, MLPBN__FIELD_REAL),
    OPTION(nesterov, MLPBN__FIELD_FLAG),
    OPTION(beta1, MLPBN__FIELD_REAL),
    OPTION(beta2, MLPBN__FIELD_REAL),
    OPTION(rho, MLPBN__FIELD_REAL),
    OPTION(eps, MLPBN__FIELD_REAL),
    OPTION(weight_decay, MLPBN__FIELD_REAL),
    OPTION(clip_norm, MLPBN__FIELD_REAL),
    {"decayed", MLPBN__FIELD_COUNT, offsetof(mlpbn__optimizer_state, decayed), NULL, 0},
    {"steps", MLPBN__FIELD_COUNT, offsetof(mlpbn__optimizer_state, steps), NULL, 0},
};

static const char optimizer_prefix[] = "mlpbn.optimizer.",
                  sampler_prefix[] = "mlpbn.sampler.";

void mlpbn__optimizer_texts_set(mlpbn__header *header, const mlpbn_optimizer *optimizer)
{
    mlpbn__optimizer_state state = {.options = optimizer->options,
                                    .steps = optimizer->steps,
                                    .decayed = optimizer->options.decay_kinds};
    mlpbn__fields_set(header, optimizer_prefix, optimizer_fields,
                      LENGTH(optimizer_fields), &state);
}

mlpbn_status mlpbn__optimizer_texts_get(const mlpbn__header *header,
                                        mlpbn__optimizer_state *state,
                                        const mlpbn_optimizer *optimizer)
{
    static const mlpbn_optimizer_options defaults = MLPBN_OPTIMIZER_OPTIONS_INIT;
    const mlpbn_optimizer_options *ours = &optimizer->options;
    *state = (mlpbn__optimizer_state){.options = defaults};
    if (!mlpbn__header_get(header, "mlpbn.optimizer.method"))
        return mlpbn__fail(MLPBN_EMISMATCH, "the checkpoint holds no optimizer");
    mlpbn_status status = mlpbn__fields_get(header, optimizer_prefix, optimizer_fields,
                                            LENGTH(optimizer_fields), state);
    if (status)
        return status;
    if (state->decayed > UINT_MAX)
        return mlpbn__fail(MLPBN_EFORMAT, "mlpbn.optimizer.decayed: cannot be %" PRIu64,
                           state->decayed);
    state->options.decay_kinds = (unsigned)state->decayed;
    if (state->options.kind != ours->kind)
        return mlpbn__fail(MLPBN_EMISMATCH, "optimizer: expected method %s, got %s",
                           methods[ours->kind], methods[state->options.kind]);
    if ((state->options.momentum > 0) != (ours->momentum > 0))
        return mlpbn__fail(MLPBN_EMISMATCH,
                           "optimizer: expected momentum %g, got one of %g in the file: "
                           "both or none must be 0",
                           ours->momentum, state->options.momentum);
    return MLPBN_OK;
}

#define PLACE(name, type)                                                                \
    {                                                                                    \
#name, type, offsetof(mlpbn__sampler_state, name), NULL, 0                       \
    }

static const mlpbn__field sampler_fields[] = {
    PLACE(seed, MLPBN__FIELD_COUNT),    PLACE(epochs, MLPBN__FIELD_COUNT),
    PLACE(position, MLPBN__FIELD_SIZE), PLACE(n, MLPBN__FIELD_SIZE),
    PLACE(batch, MLPBN__FIELD_SIZE),    PLACE(used, MLPBN__FIELD_SIZE),
    PLACE(shuffle, MLPBN__FIELD_FLAG),  PLACE(index, MLPBN__FIELD_COUNT),
};

static uint64_t checksum_of_index(const mlpbn_sampler *sampler)
{
    uint64_t checksum = MLPBN__CHECKSUM_OF_NOTHING;
    for (size_t i = 0; sampler->given && i < sampler->rows.n; i++) {
        unsigned char bytes[8];
        for (int b = 0; b < 8; b++)
            bytes[b] = (unsigned char)((uint64_t)sampler->given[i] >> 8 * b);
        checksum = mlpbn__checksum(checksum, bytes, sizeof bytes);
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
                                  .used = sampler->used,
                                  .shuffle = sampler->shuffle,
                                  .index = checksum_of_index(sampler)};
}

void mlpbn__sampler_texts_set(mlpbn__header *header, const mlpbn_sampler *sampler)
{
    mlpbn__sampler_state state = state_of(sampler);
    mlpbn__fields_set(header, sampler_prefix, sampler_fields, LENGTH(sampler_fields),
                      &state);
}

mlpbn_status mlpbn__sampler_texts_get(const mlpbn__header *header,
                                      mlpbn__sampler_state *state,
                                      const mlpbn_sampler *sampler)
{
    mlpbn__sampler_state ours = state_of(sampler);
    if (!mlpbn__header_get(header, "mlpbn.sampler.seed"))
        return mlpbn__fail(MLPBN_EMISMATCH, "the checkpoint holds no sampler");
    mlpbn_status status = mlpbn__fields_get(header, sampler_prefix, sampler_fields,
                                            LENGTH(sampler_fields), state);
    if (status)
        return status;
    if (state->n != ours.n || state->batch != ours.batch || state->used != ours.used ||
        state->shuffle != ours.shuffle)
        return mlpbn__fail(MLPBN_EMISMATCH,
                           "sampler: expected %zu of %zu rows in batches of %zu, shuffle "
                           "%d, got %zu of %zu, %zu, %d",
                           ours.used, ours.n, ours.batch, ours.shuffle, state->used,
                           state->n, state->batch, state->shuffle);
    if (state->index != ours.index)
        return mlpbn__fail(MLPBN_EMISMATCH, "sampler: made with another index list");
    if (state->position > state->used ||
        (state->position < state->used && state->position % state->batch != 0))
        return mlpbn__fail(MLPBN_EFORMAT, "mlpbn.sampler.position: cannot be %zu",
                           state->position);
    return MLPBN_OK;
}
