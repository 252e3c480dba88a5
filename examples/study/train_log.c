/* Writes the CSV log. */
#include "train_log.h"

#include "fatal.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

static _Noreturn void cannot_write(const train_log *log)
{
    fatal("log %s: %s", log->path, strerror(errno));
}

train_log train_log_open(const char *path)
{
    train_log log = {path, NULL, false};
    if (!path)
        return log;
    log.file = fopen(path, "ab"); /* "wb" would empty it at once */
    if (!log.file)
        cannot_write(&log);
    return log;
}

/* Empties the file, unless it is a device or a pipe, and writes the header. */
static void write_header(train_log *log)
{
    bool emptied = ftruncate(fileno(log->file), 0) == 0 || errno == EINVAL;
    if (!emptied || fputs("run,epoch,step,learning_rate,train_cost,train_loss,"
                          "train_accuracy,val_cost,val_loss,val_accuracy\n",
                          log->file) == EOF)
        cannot_write(log);
    log->has_header = true;
}

void train_log_write(train_log *log, const curve_point *point)
{
    if (!log->file)
        return;
    if (!log->has_header)
        write_header(log);
    const mlpbn_metrics *train = &point->train, *validation = &point->validation;
    if (fprintf(log->file,
                "%" PRIu64 ",%.6g,%" PRIu64 ",%.9g,%.9g,%.9g,%.6f,%.9g,%.9g,%.6f\n",
                point->run, point->epoch, point->step, point->learning_rate, train->cost,
                train->loss, train->accuracy, validation->cost, validation->loss,
                validation->accuracy) < 0 ||
        fflush(log->file) != 0)
        cannot_write(log);
}

void train_log_replay(train_log *log, const curve_list *curves)
{
    for (size_t i = 0; i < curves->n; i++)
        train_log_write(log, curves->points + i);
}

void train_log_close(train_log *log)
{
    if (log->file && fclose(log->file) != 0)
        cannot_write(log);
    log->file = NULL;
}
