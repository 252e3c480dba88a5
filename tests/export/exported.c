/* exported FOLDER: compares the outputs of the networks that export_cases wrote as C, which are
 * linked to this program, with those that the library predicted. They may differ by 1e-5 of the
 * largest output. This file is C99, like the exported ones. */
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { MAX_COLUMNS = 16 };
static int failures;

/* Reads the next n values of net7.txt. Returns 0 at the end. */
static int read_values(FILE *file, double *values, int n)
{
    for (int i = 0; i < n; i++)
        if (fscanf(file, "%la", &values[i]) != 1)
            return 0;
    return 1;
}

/* Counts a failure if the outputs differ too much. */
static void check_difference(const char *name, double difference, double largest,
                             int rows)
{
    if (rows > 0 && largest > 0 && difference <= 1e-5 * largest)
        return;
    printf("%s: off by %g of %g in %d rows\n", name, difference, largest, rows);
    failures++;
}

/* Opens net7.txt and reads sizes: rows, inputs, outputs. */
static FILE *open_rows(const char *folder, const char *name, int sizes[3])
{
    char path[500];
    sprintf(path, "%.400s/%.40s.txt", folder, name);
    FILE *file = fopen(path, "r");
    if (file && fscanf(file, "%d %d %d", &sizes[0], &sizes[1], &sizes[2]) == 3 &&
        sizes[1] <= MAX_COLUMNS && sizes[2] <= MAX_COLUMNS)
        return file;
    printf("%s cannot be read\n", path);
    failures++;
    return NULL;
}

/* Compares one network with the rows of its file. */
#define CASE(name, type)                                                                 \
    void name##_predict(const type *x, type *y);                                         \
    static void check_##name(const char *folder)                                         \
    {                                                                                    \
        int sizes[3], rows = 0;                                                          \
        double x[MAX_COLUMNS], y[MAX_COLUMNS], difference = 0, largest = 0;              \
        FILE *file = open_rows(folder, #name, sizes);                                    \
        if (!file)                                                                       \
            return;                                                                      \
        for (; rows < sizes[0] && read_values(file, x, sizes[1]) &&                      \
               read_values(file, y, sizes[2]);                                           \
             rows++) {                                                                   \
            type in[MAX_COLUMNS], out[MAX_COLUMNS];                                      \
            for (int j = 0; j < sizes[1]; j++)                                           \
                in[j] = (type)x[j];                                                      \
            name##_predict(in, out);                                                     \
            for (int k = 0; k < sizes[2]; k++) {                                         \
                difference = fmax(difference, fabs((double)out[k] - y[k]));              \
                largest = fmax(largest, fabs(y[k]));                                     \
            }                                                                            \
        }                                                                                \
        fclose(file);                                                                    \
        check_difference(#name, difference, largest, rows);                              \
    }
#include "cases.h"
#undef CASE

int main(int argc, char **argv)
{
    const char *folder = argc > 1 ? argv[1] : ".";
    int cases = 0;
#define CASE(name, type)                                                                 \
    check_##name(folder);                                                                \
    cases++;
#include "cases.h"
    printf("%d networks as C\n", cases);
    return failures > 0;
}
