/* Reads and extends files of results; see result_file.h. */
#include "result_file.h"

#include "fatal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MAX_BYTES = 1 << 26, PREAMBLE = 4096 };

static _Noreturn void failed(const char *path)
{
    fatal("results %s: %s", path, strerror(errno));
}

/* Returns the content as a string. */
static char *read_all(const char *path, int file)
{
    struct stat status;
    if (fstat(file, &status) != 0)
        failed(path);
    if (status.st_size > MAX_BYTES)
        fatal("results %s: is no file of results, it has %lld bytes", path,
              (long long)status.st_size);
    size_t size = (size_t)status.st_size, n = 0;
    char *text = malloc(size + 1);
    if (!text)
        fatal("results %s: no memory to read it", path);
    while (n < size) {
        ssize_t got = read(file, text + n, size - n);
        if (got < 0)
            failed(path);
        if (got == 0)
            break;
        n += (size_t)got;
    }
    text[n] = '\0';
    if (strlen(text) != n)
        fatal("results %s: is no file of results, it holds binary data", path);
    return text;
}

static void append(const char *path, int file, const char *text)
{
    size_t n = strlen(text);
    errno = ENOSPC; /* the cause of a short write */
    if (write(file, text, n) != (ssize_t)n)
        failed(path);
    /* Devices and pipes cannot be synchronized. */
    if (fsync(file) != 0 && errno != EINVAL && errno != ENOTSUP)
        failed(path);
}

/* Returns the end of the last complete record. */
static char *end_of_records(char *records, size_t lines)
{
    char *end = records;
    size_t n = 0;
    for (char *line = records; (line = strchr(line, '\n')) != NULL;) {
        line++;
        if (++n % lines == 0)
            end = line;
    }
    return end;
}

/* Returns the text after its first line. */
static const char *after_line(const char *text)
{
    const char *end = strchr(text, '\n');
    return end ? end + 1 : text + strlen(text);
}

/* Writes the preamble, and replaces an incomplete one that a killed program left. */
static void write_preamble(const result_file *result, const char *preamble)
{
    if (*result->text != '\0' && ftruncate(result->file, 0) != 0)
        failed(result->path);
    append(result->path, result->file, preamble);
}

/* Skips the preamble and cuts off an incomplete last record. */
static void find_records(result_file *result, size_t preamble)
{
    char *records = result->text + preamble,
         *end = end_of_records(records, result->lines);
    if (*end != '\0' && ftruncate(result->file, end - result->text) != 0)
        failed(result->path);
    *end = '\0';
    result->records = records;
}

result_file result_file_open(const char *path, const char *settings, const char *header,
                             size_t lines)
{
    result_file result = {.path = path, .file = -1, .lines = lines, .line = 3 - lines};
    char preamble[PREAMBLE];
    if (!path)
        return result;
    snprintf(preamble, sizeof preamble, "# %s\n%s\n", settings, header);
    result.file = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
    if (result.file < 0)
        failed(path);
    result.text = read_all(path, result.file);
    size_t n = strlen(result.text), name = strlen(program_name);
    if (n < strlen(preamble) && strncmp(result.text, preamble, n) == 0)
        write_preamble(&result, preamble);
    else if (strncmp(result.text, "# ", 2) != 0 ||
             strncmp(result.text + 2, program_name, name) != 0 ||
             result.text[2 + name] != ' ')
        fatal("results %s: was not written by %s", path, program_name);
    else if (strncmp(result.text, preamble, strlen(preamble)) != 0)
        fatal("results %s: holds \"%.*s\", not \"# %s\"; name another file", path,
              (int)strcspn(result.text, "\n"), result.text, settings);
    else
        find_records(&result, strlen(preamble));
    return result;
}

result_file result_file_read(const char *path, const char *kind, const char *header,
                             size_t lines)
{
    result_file result = {.path = path, .lines = lines, .line = 3 - lines};
    result.file = open(path, O_RDONLY | O_CLOEXEC);
    if (result.file < 0)
        failed(path);
    result.text = read_all(path, result.file);
    const char *columns = after_line(result.text), *records = after_line(columns);
    if (strncmp(result.text, "# ", 2) != 0 ||
        strncmp(result.text + 2, kind, strlen(kind)) != 0 ||
        strncmp(columns, header, strlen(header)) != 0 ||
        columns + strlen(header) + 1 != records)
        fatal("results %s: is no file of results of %s", path, kind);
    char *begin = result.text + (records - result.text);
    *end_of_records(begin, lines) = '\0';
    result.records = begin;
    return result;
}

const char *result_file_next(result_file *file)
{
    const char *record = file->records;
    if (!record || *record == '\0')
        return NULL;
    for (size_t i = 0; i < file->lines; i++)
        file->records = after_line(file->records);
    file->line += file->lines;
    return record;
}

void result_file_reject(const result_file *file)
{
    fatal("results %s: line %zu does not belong there", file->path, file->line);
}

void result_file_append(const result_file *file, const char *record)
{
    if (file->file >= 0)
        append(file->path, file->file, record);
}

void result_file_close(result_file *file)
{
    if (file->file >= 0 && close(file->file) != 0)
        failed(file->path);
    free(file->text);
    *file = (result_file){.file = -1};
}
