/* Files in memory, for the tests of saving and loading; and what tests ask of the system. */
#ifndef FILE_HELPERS_H
#define FILE_HELPERS_H

#include "api_helpers.h"

struct memory_file {
    size_t size, position;
    char *bytes;
    size_t most;     /* bytes a call of read; 0: as many as asked for */
    size_t room;     /* after which writing or reading fails */
    int failure;     /* what it returns then */
    int claims_more; /* 1: a read says that it read more than asked for */
};

/* Unlimited. */
struct memory_file memory_file_new(void);

mlpbn_writer memory_writer(struct memory_file *file);
/* From the beginning. */
mlpbn_reader memory_reader(struct memory_file *file);

struct memory_file memory_save(const mlpbn_network *network);
mlpbn_status memory_load(mlpbn_network **network, struct memory_file *file,
                         const mlpbn_load_options *options);

struct memory_file memory_save_checkpoint(const mlpbn_checkpoint *checkpoint);
mlpbn_status memory_load_checkpoint(mlpbn_checkpoint *checkpoint,
                                    struct memory_file *file);

/* Puts text in place of all that stands from `from` up to and with `to` in the header, and
 * mends the header's length. */
void memory_edit(struct memory_file *file, const char *from, const char *to,
                 const char *text);

/* Makes it a file of format 1 without a checksum, so that what was edited is read. */
void memory_drop_checksum(struct memory_file *file);

void memory_assert_equal(struct memory_file a, struct memory_file b, const char *what);

/* Two networks have layers of the same options, exactly or, as ONNX keeps them in floats and
 * without dropout, within this tolerance. */
void api_assert_same_layers(const mlpbn_network *a, const mlpbn_network *b,
                            double tolerance);

/* A folder that is removed after the test, with the files in it. Static. */
const char *temporary_folder(void);
/* A path in it. Static; valid until the fourth call after this. */
const char *temporary_path(const char *name);

/* All of a file, which must be there. */
struct memory_file file_read(const char *path);

/* What this function writes to `end` in a forked child, which ends after it. Valgrind has a use
 * of its own for exit codes. */
struct snapshot bytes_of_child(void (*send)(const void *argument, int end),
                               const void *argument);

#if defined(__linux__)
/* The threads of this process: all, or those that run or are ready to. */
size_t count_threads(int only_running);
#endif

#endif
