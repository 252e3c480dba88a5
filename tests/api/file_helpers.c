#include "file_helpers.h"

#include <dirent.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

struct memory_file memory_file_new(void)
{
    return (struct memory_file){.room = SIZE_MAX, .failure = -7};
}

static int write_memory(void *context, const void *bytes, size_t n)
{
    struct memory_file *file = context;
    ck_assert_uint_ge(n, 1);
    if (n > file->room - file->size)
        return file->failure;
    file->bytes = api_resize(file->bytes, file->size + n);
    memcpy(file->bytes + file->size, bytes, n);
    file->size += n;
    return 0;
}

static int read_memory(void *context, void *bytes, size_t n, size_t *got)
{
    struct memory_file *file = context;
    size_t left = file->size - file->position;
    ck_assert_uint_ge(n, 1);
    if (file->position >= file->room)
        return file->failure;
    *got = n < left ? n : left;
    if (file->most > 0 && *got > file->most)
        *got = file->most;
    if (*got > 0)
        memcpy(bytes, file->bytes + file->position, *got);
    file->position += *got;
    *got += file->claims_more ? n : 0;
    return 0;
}

mlpbn_writer memory_writer(struct memory_file *file)
{
    return (mlpbn_writer)MLPBN_WRITER_INIT(write_memory, file);
}

mlpbn_reader memory_reader(struct memory_file *file)
{
    file->position = 0;
    return (mlpbn_reader)MLPBN_READER_INIT(read_memory, file);
}

struct memory_file memory_save(const mlpbn_network *network)
{
    struct memory_file file = memory_file_new();
    const mlpbn_writer writer = memory_writer(&file);
    OK(mlpbn_network_save_to(network, &writer));
    return file;
}

mlpbn_status memory_load(mlpbn_network **network, struct memory_file *file,
                         const mlpbn_load_options *options)
{
    const mlpbn_reader reader = memory_reader(file);
    return mlpbn_network_load_from(network, &reader, options);
}

struct memory_file memory_save_checkpoint(const mlpbn_checkpoint *checkpoint)
{
    struct memory_file file = memory_file_new();
    const mlpbn_writer writer = memory_writer(&file);
    OK(mlpbn_checkpoint_save_to(checkpoint, &writer));
    return file;
}

mlpbn_status memory_load_checkpoint(mlpbn_checkpoint *checkpoint,
                                    struct memory_file *file)
{
    const mlpbn_reader reader = memory_reader(file);
    return mlpbn_checkpoint_load_from(checkpoint, &reader);
}

static char *find(char *begin, char *end, const char *text)
{
    for (; begin + strlen(text) <= end; begin++)
        if (memcmp(begin, text, strlen(text)) == 0)
            return begin;
    ck_abort_msg("the header does not have %s", text);
    return NULL;
}

void memory_edit(struct memory_file *file, const char *from, const char *to,
                 const char *text)
{
    uint64_t header = 0;
    for (int i = 0; i < 8; i++)
        header |= (uint64_t)(unsigned char)file->bytes[i] << 8 * i;
    char *end = file->bytes + 8 + header, *begin = find(file->bytes + 8, end, from);
    char *rest = find(begin + strlen(from), end, to) + strlen(to);
    const size_t before = (size_t)(begin - file->bytes);
    const size_t after = file->size - (size_t)(rest - file->bytes);
    char *edited = api_alloc(before + strlen(text) + after, 1);
    memcpy(edited, file->bytes, before);
    memcpy(edited + before, text, strlen(text));
    memcpy(edited + before + strlen(text), rest, after);
    header += strlen(text) - (uint64_t)(rest - begin);
    for (int i = 0; i < 8; i++)
        edited[i] = (char)(header >> 8 * i);
    file->size = before + strlen(text) + after;
    file->bytes = edited;
}

void memory_drop_checksum(struct memory_file *file)
{
    memory_edit(file, "\"mlpbn.format\":\"", "\"", "\"mlpbn.format\":\"1\"");
    memory_edit(file, "mlpbn.file_checksum", "", "mlpbn.no_checksum");
}

void memory_assert_equal(struct memory_file a, struct memory_file b, const char *what)
{
    ck_assert_msg(a.size == b.size && memcmp(a.bytes, b.bytes, a.size) == 0,
                  "%s%s: other bytes", api_case_name(), what);
}

void api_assert_same_layers(const mlpbn_network *a, const mlpbn_network *b,
                            double tolerance)
{
    const int is_exact = tolerance == 0;
    ck_assert_uint_eq(mlpbn_network_inputs(a), mlpbn_network_inputs(b));
    ck_assert_uint_eq(mlpbn_network_n_layers(a), mlpbn_network_n_layers(b));
    ck_assert_int_eq(mlpbn_network_dtype(a), mlpbn_network_dtype(b));
    for (size_t l = 0; l < mlpbn_network_n_layers(a); l++) {
        const mlpbn_layer *p = mlpbn_network_layer(a, l), *q = mlpbn_network_layer(b, l);
        const mlpbn_batchnorm *n = mlpbn_layer_batchnorm(p),
                              *m = mlpbn_layer_batchnorm(q);
        const mlpbn_activation activation = mlpbn_layer_activation(p);
        ck_assert_int_eq(activation, mlpbn_layer_activation(q));
        api_assert_near(mlpbn_layer_alpha(p), mlpbn_layer_alpha(q), tolerance, "alpha");
        ck_assert(!is_exact || mlpbn_layer_dropout(p) == mlpbn_layer_dropout(q));
        ck_assert_int_eq(n == NULL, m == NULL);
        if (!n || !m)
            continue;
        api_assert_near(mlpbn_batchnorm_eps(n), mlpbn_batchnorm_eps(m), tolerance / 10,
                        "eps");
        api_assert_near(mlpbn_batchnorm_decay(n), mlpbn_batchnorm_decay(m), tolerance,
                        "decay");
        if (is_exact || activation != MLPBN_IDENTITY) /* or there is no telling */
            ck_assert_int_eq(mlpbn_batchnorm_after_activation(n),
                             mlpbn_batchnorm_after_activation(m));
    }
}

static char folder[200];

static void remove_folder(void *name)
{
    DIR *opened = opendir(name);
    ck_assert_ptr_nonnull(opened);
    for (struct dirent *entry; (entry = readdir(opened)) != NULL;)
        if (entry->d_name[0] != '.')
            unlink(temporary_path(entry->d_name));
    closedir(opened);
    ck_assert_int_eq(rmdir(name), 0);
    folder[0] = '\0';
}

const char *temporary_folder(void)
{
    if (folder[0] == '\0') {
        const char *parent = getenv("TMPDIR");
        snprintf(folder, sizeof folder, "%s/mlpbn-XXXXXX", parent ? parent : "/tmp");
        ck_assert_ptr_nonnull(mkdtemp(folder));
        api_own(folder, remove_folder);
    }
    return folder;
}

const char *temporary_path(const char *name)
{
    static char paths[4][300];
    static int next;
    char *path = paths[next++ % 4];
    snprintf(path, sizeof paths[0], "%s/%s", temporary_folder(), name);
    return path;
}

struct memory_file file_read(const char *path)
{
    struct memory_file contents = memory_file_new();
    char bytes[1000];
    FILE *file = fopen(path, "rb");
    ck_assert_msg(file != NULL, "%s is missing", path);
    for (size_t n; (n = fread(bytes, 1, sizeof bytes, file)) > 0;)
        ck_assert_int_eq(write_memory(&contents, bytes, n), 0);
    fclose(file);
    return contents;
}

struct snapshot bytes_of_child(void (*send)(const void *argument, int end),
                               const void *argument)
{
    struct snapshot received = {0, NULL};
    unsigned char buffer[4096];
    ssize_t size;
    int ends[2];
    ck_assert_int_eq(pipe(ends), 0);
    const pid_t child = fork();
    ck_assert_int_ge(child, 0);
    if (child == 0) {
        send(argument, ends[1]);
        _exit(0);
    }
    close(ends[1]);
    while ((size = read(ends[0], buffer, sizeof buffer)) > 0)
        snapshot_add(&received, buffer, (size_t)size);
    close(ends[0]);
    ck_assert_int_eq(waitpid(child, NULL, 0), child);
    return received;
}

#if defined(__linux__)
static int is_running(const char *task)
{
    char path[64], state = 'R';
    snprintf(path, sizeof path, "/proc/self/task/%.20s/stat", task);
    FILE *file = fopen(path, "r");
    if (!file)
        return 0; /* it has ended */
    if (fscanf(file, "%*d (%*[^)]) %c", &state) != 1)
        state = 'R';
    fclose(file);
    return state == 'R';
}

size_t count_threads(int only_running)
{
    size_t n = 0;
    DIR *tasks = opendir("/proc/self/task");
    ck_assert_ptr_nonnull(tasks);
    for (const struct dirent *entry; (entry = readdir(tasks)) != NULL;)
        n += entry->d_name[0] != '.' && (!only_running || is_running(entry->d_name));
    closedir(tasks);
    return n;
}
#endif
