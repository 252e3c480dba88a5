/* Loads the official binary distribution of CIFAR-10; see cifar.h. */
#include "cifar.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { FILE_SIZE = CIFAR_BATCH_ROWS * (1 + CIFAR_PIXELS), TRAINING_ROWS = 50000 };

/* Writes data->error; returns false for the caller to return. */
__attribute__((format(printf, 2, 3))) static bool set_error(cifar_data *data,
                                                            const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(data->error, sizeof data->error, format, arguments);
    va_end(arguments);
    return false;
}

static mlpbn_rows make_view(const cifar_data *data, size_t first, size_t n,
                            size_t columns)
{
    mlpbn_rows view =
        MLPBN_ROWS_INIT(data->pixels + first * columns, MLPBN_U8, n, columns);
    view.labels = data->labels + first;
    return view;
}

bool cifar_allocate(cifar_data *data, size_t n_train, size_t n_validation, size_t n_test,
                    size_t columns)
{
    size_t rows = n_train + n_validation + n_test;
    memset(data, 0, sizeof *data);
    data->pixels = calloc(rows, columns);
    data->labels = calloc(rows, sizeof *data->labels);
    if (!data->pixels || !data->labels) {
        cifar_free(data);
        return set_error(data, "no memory for %zu pictures", rows);
    }
    data->train = make_view(data, 0, n_train, columns);
    data->validation = make_view(data, n_train, n_validation, columns);
    data->test = make_view(data, n_train + n_validation, n_test, columns);
    return true;
}

void cifar_free(cifar_data *data)
{
    free(data->pixels);
    free(data->labels);
    data->pixels = NULL;
    data->labels = NULL;
}

static bool check_size(cifar_data *data, FILE *file, const char *path)
{
    struct stat status;
    if (fstat(fileno(file), &status) != 0)
        return set_error(data, "%s: %s", path, strerror(errno));
    if (!S_ISREG(status.st_mode))
        return set_error(data, "%s: is %s, not a file", path,
                         S_ISDIR(status.st_mode) ? "a directory" : "a device or a pipe");
    if (status.st_size != FILE_SIZE)
        return set_error(data, "%s: has %lld bytes instead of %d", path,
                         (long long)status.st_size, FILE_SIZE);
    return true;
}

/* Reads 10,000 pictures into rows first, first + 1, ... */
static bool read_rows(cifar_data *data, size_t first, FILE *file, const char *path)
{
    for (size_t i = 0; i < CIFAR_BATCH_ROWS; i++) {
        uint8_t *pixels = data->pixels + (first + i) * CIFAR_PIXELS;
        int label = getc(file);
        if (label == EOF || fread(pixels, 1, CIFAR_PIXELS, file) != CIFAR_PIXELS)
            return set_error(data, "%s: cannot be read: %s", path,
                             ferror(file) ? strerror(errno) : "it ends too early");
        if (label >= CIFAR_CLASSES)
            return set_error(data, "%s: picture %zu has label %d, not 0 to 9", path, i,
                             label);
        data->labels[first + i] = label;
    }
    return true;
}

static FILE *open_file(cifar_data *data, const char *path)
{
    FILE *file = fopen(path, "rb");
    if (!file)
        set_error(data, "%s: %s; fetch_cifar10 downloads the data", path,
                  strerror(errno));
    return file;
}

static bool read_batch(cifar_data *data, size_t first, const char *path)
{
    FILE *file = open_file(data, path);
    if (!file)
        return false;
    bool ok = check_size(data, file, path) && read_rows(data, first, file, path);
    fclose(file);
    return ok;
}

/* Removes the line's end; returns false if the line is empty or longer than a name may be. */
static bool trim_name(char *line)
{
    size_t length = strcspn(line, "\r\n");
    bool complete = line[length] != '\0';
    line[length] = '\0';
    return complete && length > 0;
}

static bool read_names(cifar_data *data, const char *path)
{
    FILE *file = open_file(data, path);
    if (!file)
        return false;
    int n = 0;
    while (n < CIFAR_CLASSES && fgets(data->names[n], CIFAR_NAME_SIZE, file) &&
           trim_name(data->names[n]))
        n++;
    bool unreadable = ferror(file);
    int error = errno;
    fclose(file);
    if (unreadable)
        return set_error(data, "%s: cannot be read: %s", path, strerror(error));
    if (n < CIFAR_CLASSES)
        return set_error(data, "%s: line %d is not the name of a class", path, n + 1);
    return true;
}

static bool read_all(cifar_data *data, const char *folder)
{
    char path[900];
    size_t max = sizeof path - sizeof "/batches.meta.txt";
    if (strlen(folder) > max)
        return set_error(data, "%.80s...: the path is longer than %zu bytes", folder,
                         max);
    for (int i = 0; i < CIFAR_BATCHES; i++) {
        snprintf(path, sizeof path, "%s/data_batch_%d.bin", folder, i + 1);
        if (!read_batch(data, (size_t)i * CIFAR_BATCH_ROWS, path))
            return false;
    }
    snprintf(path, sizeof path, "%s/test_batch.bin", folder);
    if (!read_batch(data, TRAINING_ROWS, path))
        return false;
    snprintf(path, sizeof path, "%s/batches.meta.txt", folder);
    return read_names(data, path);
}

bool cifar_load(cifar_data *data, const char *folder, size_t n_validation)
{
    *data = (cifar_data){.pixels = NULL};
    if (n_validation >= TRAINING_ROWS)
        return set_error(data,
                         "%s: %zu rows for validation leave none of %d for training",
                         folder, n_validation, TRAINING_ROWS);
    if (!cifar_allocate(data, TRAINING_ROWS - n_validation, n_validation,
                        CIFAR_BATCH_ROWS, CIFAR_PIXELS))
        return false;
    if (!read_all(data, folder)) {
        cifar_free(data);
        return false;
    }
    return true;
}
