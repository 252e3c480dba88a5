/* Functions that the fuzz targets share: a reader of bytes in memory, and a main function that
 * replays files. */
#ifndef FUZZ_STREAM_H
#define FUZZ_STREAM_H

#include <mlpbn.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

typedef struct source {
    const uint8_t *bytes;
    size_t left;
} source;

/* A reader of the bytes in memory. */
static int read_source(void *context, void *bytes, size_t n, size_t *got)
{
    source *s = context;
    *got = n < s->left ? n : s->left;
    if (*got > 0)
        memcpy(bytes, s->bytes, *got);
    s->bytes += *got;
    s->left -= *got;
    return 0;
}

static void expect(int condition, const char *what)
{
    if (condition)
        return;
    fprintf(stderr, "%s (%s)\n", what, mlpbn_last_error());
    abort();
}

#ifdef FUZZ_MAIN

int main(int argc, char **argv)
{
    static uint8_t bytes[1 << 20];
    for (int i = 1; i < argc; i++) {
        FILE *file = fopen(argv[i], "rb");
        expect(file != NULL, argv[i]);
        size_t n = fread(bytes, 1, sizeof bytes, file);
        fclose(file);
        /* A sanitizer detects reads beyond the end of a copy of exactly n bytes. */
        uint8_t *copy = malloc(n + !n);
        expect(copy != NULL, "out of memory");
        memcpy(copy, bytes, n);
        LLVMFuzzerTestOneInput(copy, n);
        free(copy);
    }
    printf("%d files\n", argc - 1);
    return 0;
}

#endif

#endif
