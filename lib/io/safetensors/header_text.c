#include "io/safetensors/header_text.h"

#include "base/error.h"
#include "base/memory.h"
#include "io/safetensors/header.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- Text ------------------------------------------------------------------------------- */

/* Makes room for n more bytes. */
static int reserve(mlpbn__header_text *header, size_t n)
{
    enum { FIRST_CAPACITY = 4096 };
    size_t capacity = header->capacity > 0 ? header->capacity : FIRST_CAPACITY;
    if (header->failed)
        return 0;
    while (capacity - header->n < n && capacity <= SIZE_MAX / 2)
        capacity *= 2;
    if (capacity == header->capacity)
        return 1;
    char *larger = capacity - header->n < n ? NULL : realloc(header->json, capacity);
    if (!larger) {
        header->failed = 1;
        return 0;
    }
    header->json = larger;
    header->capacity = capacity;
    return 1;
}

static void add_bytes(mlpbn__header_text *header, const char *bytes, size_t n)
{
    if (!reserve(header, n))
        return;
    memcpy(header->json + header->n, bytes, n);
    header->n += n;
}

static void add(mlpbn__header_text *header, const char *text)
{
    add_bytes(header, text, strlen(text));
}

/* Adds a string in quotes; escapes what JSON must escape (RFC 8259, section 7). */
static void add_string(mlpbn__header_text *header, const char *string)
{
    char escape[8];
    add(header, "\"");
    for (const char *c = string; *c; c++) {
        if (*c == '"' || *c == '\\')
            add(header, "\\");
        if ((unsigned char)*c < ' ') {
            snprintf(escape, sizeof escape, "\\u%04x", (unsigned)*c);
            add(header, escape);
        } else
            add_bytes(header, c, 1);
    }
    add(header, "\"");
}

static void add_number(mlpbn__header_text *header, uint64_t number)
{
    char text[24];
    snprintf(text, sizeof text, "%" PRIu64, number);
    add(header, text);
}

/* --- The header ------------------------------------------------------------------------- */

mlpbn__header_text mlpbn__header_text_new(void)
{
    mlpbn__header_text header = {.json = NULL};
    add(&header, "{\"__metadata__\":{");
    return header;
}

void mlpbn__header_text_free(mlpbn__header_text *header)
{
    free(header->json);
    header->json = NULL;
}

void mlpbn__header_set_metadata(mlpbn__header_text *header, const char *key,
                                const char *value)
{
    if (!header->failed && header->json[header->n - 1] != '{')
        add(header, ",");
    add_string(header, key);
    add(header, ":");
    add_string(header, value);
}

static void end_metadata(mlpbn__header_text *header)
{
    if (!header->has_tensors)
        add(header, "}");
    header->has_tensors = 1;
}

void mlpbn__header_add_tensor(mlpbn__header_text *header,
                              const mlpbn__file_tensor *tensor)
{
    end_metadata(header);
    add(header, ",");
    add_string(header, tensor->name);
    add(header, ":{\"dtype\":");
    add_string(header, mlpbn__file_dtype_name(tensor->dtype));
    add(header, ",\"shape\":[");
    for (size_t i = 0; i < tensor->n_dims; i++) {
        add(header, i > 0 ? "," : "");
        add_number(header, tensor->dims[i]);
    }
    add(header, "],\"data_offsets\":[");
    add_number(header, tensor->begin);
    add(header, ",");
    add_number(header, tensor->end);
    add(header, "]}");
}

mlpbn_status mlpbn__header_text_finish(mlpbn__header_text *header)
{
    end_metadata(header);
    add(header, "}");
    while (header->n % 8 != 0 && !header->failed)
        add(header, " ");
    if (header->failed)
        return mlpbn__fail(MLPBN_ENOMEM, "no memory for the header");
    if (header->n > MLPBN__MAX_HEADER_SIZE)
        return mlpbn__fail(MLPBN_ESIZE,
                           "the file's header would have %zu bytes, at most %d are "
                           "allowed: fewer standardized inputs, outputs or layers?",
                           header->n, MLPBN__MAX_HEADER_SIZE);
    return MLPBN_OK;
}
