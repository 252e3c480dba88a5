/* Formats settings; see describe.h. */
#include "describe.h"

#include "downsample.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* Appends formatted text, truncated to DESCRIPTION_SIZE. */
__attribute__((format(printf, 2, 3))) static void append(char text[DESCRIPTION_SIZE],
                                                         const char *format, ...)
{
    size_t length = strlen(text);
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text + length, DESCRIPTION_SIZE - length, format, arguments);
    va_end(arguments);
}

const char *format_number(char text[NUMBER_SIZE], double number)
{
    snprintf(text, NUMBER_SIZE, "%g", number);
    char *zero = strstr(text, "e-0");
    if (zero)
        memmove(zero + 2, zero + 3, strlen(zero + 2));
    return text;
}

const char *describe_init(char text[NUMBER_SIZE], const train_init *init)
{
    if (init->method == MLPBN_INIT_NORMAL)
        return format_number(text, init->sigma);
    return strcpy(text, init->method == MLPBN_INIT_HE ? "he" : "xavier");
}

void describe_units(char text[DESCRIPTION_SIZE], const train_options *options)
{
    snprintf(text, DESCRIPTION_SIZE, "%zu", downsampled_pixels(options->downsample));
    for (size_t i = 0; i < options->n_hidden; i++)
        append(text, "-%zu", options->hidden[i]);
    append(text, "-%d", CIFAR_CLASSES);
}

void describe_run(char text[DESCRIPTION_SIZE], const train_options *options)
{
    char lambda[NUMBER_SIZE], low[NUMBER_SIZE], high[NUMBER_SIZE];
    describe_units(text, options);
    append(text, ", %sbatchnorm, λ = %s, rate %s to %s", options->batchnorm ? "" : "no ",
           format_number(lambda, options->lambda), format_number(low, options->eta_min),
           format_number(high, options->eta_max));
}

void describe_settings(char text[DESCRIPTION_SIZE], const train_options *options)
{
    text[0] = '\0';
    append(text, "hidden=");
    for (size_t i = 0; i < options->n_hidden; i++)
        append(text, "%s%zu", i > 0 ? "," : "", options->hidden[i]);
    append(text,
           " eta=%.9g..%.9g n_s=%" PRIu64 " epochs=%" PRIu64 " batch=%" PRIu64
           " seed=%" PRIu64 " dtype=%s",
           options->eta_min, options->eta_max, options->n_s, options->epochs,
           options->batch, options->seed, options->dtype == MLPBN_F64 ? "f64" : "f32");
}
