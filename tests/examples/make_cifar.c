/* make_cifar FOLDER: writes files of the official layout and size into the folder. Class c
 * is noise with a bright band in rows 3 c to 3 c + 2, which is easy to learn. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

enum { ROWS = 10000, PIXELS = 3072, BRIGHTNESS = 12 };

static uint64_t state = 1;

static unsigned random_bits(void)
{
    state = state * 6364136223846793005u + 1442695040888963407u;
    return (unsigned)(state >> 40);
}

static FILE *create(const char *folder, const char *name)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "wb");
    if (!file) {
        perror(path);
        exit(1);
    }
    return file;
}

static void finish(FILE *file)
{
    if (ferror(file) || fclose(file) != 0) {
        perror("make_cifar");
        exit(1);
    }
}

static void write_batch(const char *folder, const char *name)
{
    FILE *file = create(folder, name);
    for (int i = 0; i < ROWS; i++) {
        int label = (int)(random_bits() % 10);
        putc(label, file);
        for (int j = 0; j < PIXELS; j++)
            putc((int)(random_bits() % 200) +
                     (j % 1024 / 32 / 3 == label ? BRIGHTNESS : 0),
                 file);
    }
    finish(file);
}

int main(int argc, char **argv)
{
    if (argc != 2)
        return 2;
    for (int i = 1; i <= 5; i++) {
        char name[32];
        snprintf(name, sizeof name, "data_batch_%d.bin", i);
        write_batch(argv[1], name);
    }
    write_batch(argv[1], "test_batch.bin");

    FILE *names = create(argv[1], "batches.meta.txt");
    for (int i = 0; i < 10; i++)
        fprintf(names, "band%d\n", i);
    putc('\n', names); /* the official file ends with an empty line, too */
    finish(names);
    return 0;
}
