/* A save that fails, wherever it does, leaves the old file whole and nothing else. */
#include "base/error.h"
#include "io/output.h"
#define SET_UP set_up
#define TEAR_DOWN tear_down
#include "../runner/suites.h"
#include "wrap.h"

#ifdef MLPBN_TEST_WRAP

#include <dirent.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

static char folder[40], path[60], temporary[70];

static void set_up(void)
{
    strcpy(folder, "/tmp/mlpbn-unit-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/file", folder);
    snprintf(temporary, sizeof temporary, "%s.tmp", path);
}

static void tear_down(void)
{
    failing_call = FAIL_NOTHING;
    short_writes = 0;
    unlink(path);
    unlink(temporary);
    ck_assert_int_eq(rmdir(folder), 0);
}

/* More than a buffer, in pieces of odd sizes. */
enum { PIECES = 300, PIECE = 37 };

static mlpbn_status write_pieces(mlpbn__output *output, const void *context)
{
    char piece[PIECE];
    mlpbn_status status = MLPBN_OK;
    memset(piece, *(const char *)context, sizeof piece);
    for (int i = 0; i < PIECES && !status; i++)
        status = mlpbn__output_write(output, piece, (size_t)(1 + i % PIECE));
    return status;
}

static mlpbn_status write_half(mlpbn__output *output, const void *context)
{
    mlpbn_status status = write_pieces(output, context);
    return status ? status : mlpbn__fail(MLPBN_ESTATE, "given up");
}

static mlpbn_status save(mlpbn__writer_fn *writer, const char *letter)
{
    return mlpbn__save_to((mlpbn__target){.path = path}, writer, letter);
}

/* The file holds what write_pieces wrote of this letter; nothing else is in the folder. */
static void assert_holds(char letter)
{
    FILE *file = fopen(path, "rb");
    long expected = 0, n = 0;
    ck_assert_ptr_nonnull(file);
    for (int c; (c = getc(file)) != EOF; n++)
        ck_assert_int_eq(c, letter);
    fclose(file);
    for (int i = 0; i < PIECES; i++)
        expected += 1 + i % PIECE;
    ck_assert_int_eq(n, expected);
    DIR *opened = opendir(folder);
    for (struct dirent *entry; (entry = readdir(opened)) != NULL;)
        ck_assert_msg(entry->d_name[0] == '.' || strcmp(entry->d_name, "file") == 0, "%s",
                      entry->d_name);
    closedir(opened);
}

static const struct {
    int call, short_writes;
    mlpbn_status status;
    const char *words;
    char left;
} saves[] = {
    {FAIL_WRITE, 0, MLPBN_EIO, "cannot write: No space", 'a'},
    {FAIL_FSYNC, 0, MLPBN_EIO, "cannot sync: Input/output", 'a'},
    {FAIL_RENAME, 0, MLPBN_EIO, "cannot rename its .tmp file: Permission denied", 'a'},
    {FAIL_FOLDER_FSYNC, 0, MLPBN_EIO, "cannot sync its folder: Input/output", 'b'},
    {FAIL_FOLDER_FSYNC_UNSUPPORTED, 0, MLPBN_OK, NULL, 'b'},
    {FAIL_FOLDER_OPEN, 0, MLPBN_OK, NULL, 'b'},
    {FAIL_FSTAT, 0, MLPBN_EIO, "cannot look at its .tmp file: Input/output", 'a'},
    {INTERRUPT_FSYNC, 0, MLPBN_OK, NULL, 'b'},
    {INTERRUPT_FOLDER_FSYNC, 0, MLPBN_OK, NULL, 'b'},
    {INTERRUPT_FTRUNCATE, 0, MLPBN_OK, NULL, 'b'},
    {INTERRUPT_FCHMOD, 0, MLPBN_OK, NULL, 'b'},
    {INTERRUPT_FLOCK, 0, MLPBN_OK, NULL, 'b'},
    {FAIL_NOTHING, 1, MLPBN_OK, NULL, 'b'},
};

LOOP_TEST(old_or_new_is_whole, LENGTH(saves))
{
    SUCCEEDS(save(write_pieces, "a"));
    failing_call = saves[_i].call;
    short_writes = saves[_i].short_writes;
    mlpbn_status status = save(write_pieces, "b");
    failing_call = FAIL_NOTHING;
    short_writes = 0;
    ck_assert_int_eq(status, saves[_i].status);
    if (status) {
        ck_assert_msg(strstr(mlpbn__last_error(), saves[_i].words) != NULL, "%s",
                      mlpbn__last_error());
        ck_assert_ptr_nonnull(strstr(mlpbn__last_error(), path));
    }
    if (saves[_i].call == FAIL_FSTAT)
        unlink(temporary); /* which cannot be told from another's */
    assert_holds(saves[_i].left);
    SUCCEEDS(save(write_pieces, "c"));
    assert_holds('c');
}

/* Saves through a link `name` in the folder, which leads to text; the link stays. */
static mlpbn_status save_through(const char *name, const char *text, const char *letter)
{
    char link[80], read[80] = "";
    snprintf(link, sizeof link, "%s/%s", folder, name);
    ck_assert_int_eq(symlink(text, link), 0);
    mlpbn_status status =
        mlpbn__save_to((mlpbn__target){.path = link}, write_pieces, letter);
    ck_assert_int_eq(readlink(link, read, sizeof read - 1), (int)strlen(text));
    ck_assert_str_eq(read, text);
    return status;
}

static void remove_link(const char *name)
{
    char link[80];
    snprintf(link, sizeof link, "%s/%s", folder, name);
    ck_assert_int_eq(unlink(link), 0);
}

TEST(links_stay)
{
    ck_assert_int_eq(save_through("relative", "file", "a"), MLPBN_OK); /* leads nowhere */
    SUCCEEDS(save_through("absolute", path, "b"));
    SUCCEEDS(save_through("chain", "relative", "c"));
    ck_assert_int_eq(save_through("loop", "loop", "d"), MLPBN_EIO);
    ck_assert_ptr_nonnull(strstr(mlpbn__last_error(), "cannot follow the link"));
    remove_link("relative");
    remove_link("absolute");
    remove_link("chain");
    remove_link("loop");
    assert_holds('c');
}

/* /dev/stdout leads to a link of /proc like this one. */
TEST(open_files_are_written_in_place)
{
    char link[40];
    int file = open(path, O_WRONLY | O_CREAT, 0600);
    snprintf(link, sizeof link, "/proc/self/fd/%d", file);
    if (access(link, F_OK) == 0) {
        SUCCEEDS(save_through("stdout", link, "a"));
        remove_link("stdout");
        assert_holds('a');
        ck_assert_int_gt(lseek(file, 0, SEEK_END), 0); /* the same file, not a new one */
    }
    close(file);
}

#if MLPBN_TEST_THREADS

/* The thread is cancelled while it saves: it ends afterwards. */
static _Atomic int saving, cancelled;

static mlpbn_status write_and_wait(mlpbn__output *output, const void *context)
{
    saving = 1;
    while (!cancelled)
        sched_yield();
    pthread_testcancel();
    return write_pieces(output, context);
}

static void *save_in_thread(void *letter)
{
    if (save(write_and_wait, letter) == MLPBN_OK)
        pthread_testcancel();
    return NULL;
}

TEST(cancellation_waits_for_the_end)
{
    pthread_t thread;
    void *result;
    char letter[] = "a";
    const int next = dup(0);
    close(next);
    ck_assert_int_eq(pthread_create(&thread, NULL, save_in_thread, letter), 0);
    while (!saving)
        sched_yield();
    ck_assert_int_eq(pthread_cancel(thread), 0);
    cancelled = 1;
    pthread_join(thread, &result);
    ck_assert_ptr_eq(result, PTHREAD_CANCELED);
    const int still_next = dup(0);
    ck_assert_int_eq(still_next, next); /* no descriptor is left */
    close(still_next);
    assert_holds('a');
}

#endif

TEST(a_writer_that_fails_leaves_the_old_file)
{
    SUCCEEDS(save(write_pieces, "a"));
    ck_assert_int_eq(save(write_half, "b"), MLPBN_ESTATE);
    assert_holds('a');
}

TEST(one_writer_at_a_time)
{
    SUCCEEDS(save(write_pieces, "a"));
    int other = open(temporary, O_WRONLY | O_CREAT, 0600);
    ck_assert_int_eq(flock(other, LOCK_EX), 0);
    ck_assert_int_eq(save(write_pieces, "b"), MLPBN_EIO);
    ck_assert_ptr_nonnull(strstr(mlpbn__last_error(), "another thread or process"));
    ck_assert_int_eq(access(temporary, F_OK), 0); /* the other's */
    close(other);
    SUCCEEDS(save(write_pieces, "c"));
    assert_holds('c');
}

TEST(a_link_in_place_of_the_temporary_file_is_not_followed)
{
    char target[80];
    snprintf(target, sizeof target, "%s/target", folder);
    ck_assert_int_eq(symlink(target, temporary), 0);
    ck_assert_int_eq(save(write_pieces, "a"), MLPBN_EIO);
    ck_assert_int_ne(access(target, F_OK), 0);
}

#endif
