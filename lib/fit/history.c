#include "fit/history.h"

#include "base/error.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST_CAPACITY = 64, NUMBER_SIZE = 40 };

mlpbn_status mlpbn__history_new(mlpbn_history **history)
{
    mlpbn_history *created = calloc(1, sizeof *created);
    if (!created)
        return mlpbn__fail(MLPBN_ENOMEM, "no memory for the history");
    created->best = SIZE_MAX;
    *history = created;
    return mlpbn__history_reserve(created, 1);
}

void mlpbn__history_free(mlpbn_history *history)
{
    if (history)
        free(history->records);
    free(history);
}

mlpbn_status mlpbn__history_reserve(mlpbn_history *history, size_t n)
{
    size_t capacity = history->capacity ? history->capacity : FIRST_CAPACITY;
    if (n <= history->capacity)
        return MLPBN_OK;
    while (capacity < n && capacity <= SIZE_MAX / 2)
        capacity *= 2;
    mlpbn_fit_record *records = NULL;
    if (capacity >= n && capacity <= SIZE_MAX / sizeof *records)
        records = realloc(history->records, capacity * sizeof *records);
    if (!records)
        return mlpbn__fail(MLPBN_ENOMEM, "no memory for a history of %zu epochs", n);
    history->records = records;
    history->capacity = capacity;
    return MLPBN_OK;
}

/* Writes the number with as many digits as it takes to read it again, and a point in any
 * locale. */
static const char *number(char text[NUMBER_SIZE], double x)
{
    for (int digits = 15; digits <= 17; digits++) {
        snprintf(text, NUMBER_SIZE, "%.*g", digits, x);
        if (strtod(text, NULL) == x)
            break;
    }
    size_t before = strspn(text, "-0123456789infa");
    size_t point = strcspn(text + before, "0123456789e");
    if (text[before] && point) {
        memmove(text + before + 1, text + before + point,
                strlen(text + before + point) + 1);
        text[before] = '.';
    }
    return text;
}

static void write_record(const mlpbn_fit_record *r, FILE *file)
{
    char text[NUMBER_SIZE];
    const double trained[] = {r->rate, r->loss, r->cost, r->accuracy};
    const double validated[] = {r->validation_loss, r->validation_accuracy};
    fprintf(file, "%" PRIu64 ",%" PRIu64, r->epoch, r->step);
    for (int i = 0; i < 4; i++)
        fprintf(file, ",%s", number(text, trained[i]));
    for (int i = 0; i < 2; i++)
        fprintf(file, ",%s", r->validation_n ? number(text, validated[i]) : "");
    fprintf(file, ",%s\n", number(text, r->seconds));
}

mlpbn_status mlpbn__history_write(const mlpbn_history *history, FILE *file)
{
    errno = 0;
    fputs("epoch,step,rate,loss,cost,accuracy,validation_loss,validation_accuracy,"
          "seconds\n",
          file);
    for (size_t i = 0; i < history->n; i++)
        write_record(history->records + i, file);
    if (fflush(file) == 0 && !ferror(file))
        return MLPBN_OK;
    return mlpbn__fail(MLPBN_EIO, "the history cannot be written: %s", strerror(errno));
}
