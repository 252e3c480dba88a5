/* Fit: trains a network on a data set in one call.
 *
 *   mlpbn_fit(network, NULL, &rows, NULL, NULL, NULL)
 *
 * takes 100 epochs of Adam's steps on shuffled batches of 32 rows. With validation rows, or a
 * share of the rows kept for validation, the network with the lowest validation loss is
 * restored at the end. Options add early stopping, a schedule of the learning rate, callbacks,
 * checkpoints and a time limit. Everything is built from public calls, so that a loop of one's
 * own (examples/custom_loop.c) can do the same. */
#ifndef MLPBN_FIT_H
#define MLPBN_FIT_H

#include <mlpbn/common.h>
#include <mlpbn/loss.h>
#include <mlpbn/rows.h>
#include <mlpbn/schedule.h>
#include <mlpbn/status.h>

#include <stdio.h>

MLPBN_BEGIN

/* What decides which network is the best, and when to stop. It is that of the validation rows,
 * or without any, that of the training rows. */
typedef enum mlpbn_monitor {
    MLPBN_MONITOR_LOSS = 1,
    MLPBN_MONITOR_ACCURACY = 2 /* for losses with labels only */
} mlpbn_monitor;

/* What to do when a step, or the validation after an epoch, gives a NaN or an infinity. The
 * network is then as after the last step that succeeded or, after a validation, as at the end
 * of the epoch before. */
typedef enum mlpbn_on_nonfinite {
    MLPBN_NONFINITE_FAIL = 1,       /* mlpbn_fit fails with MLPBN_ENONFINITE */
    MLPBN_NONFINITE_HALVE_RATE = 2, /* it goes on at half the rate, at most 20 times */
} mlpbn_on_nonfinite;

/* The state of a run after a step, or after an epoch. */
typedef struct mlpbn_fit_record {
    size_t struct_size;
    uint64_t epoch; /* epochs that are finished */
    uint64_t step;  /* steps that were taken */
    double rate;    /* the learning rate of the last step */
    /* Of the last step's batch or, after an epoch, the means over its batches, each weighted
     * by its number of rows, before their updates. cost = loss + penalty. */
    double loss, cost, accuracy;
    /* Of the validation rows, by running statistics and without dropout; validation_n is their
     * number, 0 if there are none, and after a step. */
    size_t validation_n;
    double validation_loss, validation_accuracy;
    double seconds; /* since mlpbn_fit began, those before a checkpoint included */
} mlpbn_fit_record;

#define MLPBN_FIT_RECORD_INIT                                                            \
    {                                                                                    \
        sizeof(mlpbn_fit_record), 0, 0, 0, 0, 0, 0, 0, 0, 0, 0                           \
    }

/* Sets all fields of *record but struct_size to 0.
 *
 * MLPBN_EINVAL  record is NULL, or struct_size cannot be its size
 */
MLPBN_API MLPBN_MUST_CHECK mlpbn_status mlpbn_fit_record_init(mlpbn_fit_record *record,
                                                              size_t struct_size);

/* A function of the caller that is called after a step or an epoch. It may read the network,
 * save it, or set the optimizer's learning rate if there is no schedule; it must not change the
 * network otherwise.
 *
 * stop     set *stop to 1 to end the training; it is 0 before
 * context  that of the options
 *
 * If it returns anything but MLPBN_OK, mlpbn_fit returns that. */
typedef mlpbn_status mlpbn_fit_callback(const mlpbn_fit_record *record, int *stop,
                                        void *context);

typedef struct mlpbn_fit_options {
    size_t struct_size;
    uint64_t epochs; /* at most so many passes over the rows, >= 1; default 100 */
    size_t batch; /* rows of a batch, >= 1; default 32, or all rows if they are fewer */
    /* The seed of the sampler (mlpbn/sampler.h), of dropout (mlpbn/workspace.h), and of the
     * choice of validation rows; default 0. */
    uint64_t seed;
    int threads; /* as in mlpbn/workspace.h; default 0: as many as help. The bits are the same. */
    /* Validation: other rows, not trained on; or a share, in (0, 1), of the rows, drawn by seed,
     * of which the number is rounded to the nearest; stratify = 1: of the rows of each label.
     * Default NULL, 0 and 0: none. */
    const mlpbn_rows *validation;
    double validation_share;
    int stratify;
    mlpbn_monitor monitor; /* default MLPBN_MONITOR_LOSS */
    /* Early stopping (Prechelt, 1998): training ends when the monitored number has not improved
     * by more than min_improvement for so many epochs. 0 (default): it does not end early.
     * min_improvement is finite and >= 0; default 0. */
    uint64_t patience;
    double min_improvement;
    /* 1 (default): with validation rows, the network is at the end what it was after its best
     * epoch. The optimizer stays as it is. */
    int restore_best;
    /* The learning rate as a function of the step (mlpbn/schedule.h), and its options. NULL
     * (default): the optimizer's. */
    mlpbn_schedule *schedule;
    const void *schedule_options;
    /* Reduces the rate, that of the schedule too, when the monitored number does not improve;
     * its mode is MLPBN_PLATEAU_MIN for the loss and MLPBN_PLATEAU_MAX for the accuracy. NULL
     * (default): no reduction. */
    const mlpbn_plateau_options *plateau;
    /* Called after each step, and after each epoch, with context; NULL (default): none. */
    mlpbn_fit_callback *after_step, *after_epoch;
    void *context;
    double
        max_seconds; /* training ends after the step that exceeds them; 0 (default): none */
    mlpbn_on_nonfinite on_nonfinite; /* default MLPBN_NONFINITE_FAIL */
    /* The file of a checkpoint (mlpbn/checkpoint.h), saved after every so many epochs, >= 1
     * (default 1), and at the end. If the file is there, mlpbn_fit resumes from it, and has the
     * same bits as a run that was not stopped. Its epochs, max_seconds, threads, patience and
     * callbacks may differ from those of that run. Numbers of rows, batch, seed, share, monitor
     * and loss are compared with it; schedule, plateau, weights and the values of the rows are
     * not: they must be the same. NULL (default): none. */
    const char *checkpoint;
    uint64_t checkpoint_epochs;
} mlpbn_fit_options;

#define MLPBN_FIT_OPTIONS_INIT                                                           \
    {                                                                                    \
        sizeof(mlpbn_fit_options), 100, 32, 0, 0, NULL, 0, 0, MLPBN_MONITOR_LOSS, 0, 0,  \
            1, NULL, NULL, NULL, NULL, NULL, NULL, 0, MLPBN_NONFINITE_FAIL, NULL, 1      \
    }

/* Fills in the defaults.
 *
 * MLPBN_EINVAL  options is NULL, or struct_size cannot be its size
 */
MLPBN_API MLPBN_MUST_CHECK mlpbn_status mlpbn_fit_options_init(mlpbn_fit_options *options,
                                                               size_t struct_size);

/* Why training ended. */
typedef enum mlpbn_fit_end {
    MLPBN_FIT_EPOCHS = 1,   /* all epochs were done */
    MLPBN_FIT_PATIENCE = 2, /* no improvement for `patience` epochs */
    MLPBN_FIT_CALLBACK = 3, /* a callback stopped it */
    MLPBN_FIT_TIME = 4,     /* max_seconds were over */
    MLPBN_FIT_ERROR = 5     /* mlpbn_fit failed */
} mlpbn_fit_end;

/* The history of a run: a record for each finished epoch. */
typedef struct mlpbn_history mlpbn_history;

/* Trains the network.
 *
 * optimizer     made for this network; NULL: Adam with its defaults, for this call
 * rows          the training data, any number of rows
 * loss_options  NULL: the defaults (softmax cross-entropy, lambda 0)
 * options       NULL: the defaults
 * history       receives the history, also if training has begun and then failed; destroy it
 *               with mlpbn_history_destroy. NULL: not needed
 *
 * If the call fails before training begins, nothing has changed. If it fails later, the network
 * is what it was after the last step that succeeded. The errors are those of mlpbn_train_step,
 * of mlpbn_evaluate for the validation rows, of the callbacks, and
 *
 * MLPBN_EINVAL     an option is out of its range; there are both validation rows and a share;
 *                  stratify without a share or labels; monitor, for a loss without labels, is
 *                  accuracy; the share leaves no row of a class to train on; the schedule
 *                  returned no finite rate of at least 0
 * MLPBN_EBATCH     rows has no rows, or the share leaves none to train or to validate on
 * MLPBN_EMISMATCH  the checkpoint is that of another run (mlpbn_last_error says how)
 * MLPBN_ENOMEM     no memory for the workspace, the optimizer, the order, the history, or a copy
 *                  of the network
 * MLPBN_EUNSUPPORTED, MLPBN_EIO, MLPBN_EFORMAT  as for mlpbn_checkpoint_load and _save
 */
MLPBN_API MLPBN_MUST_CHECK mlpbn_status mlpbn_fit(mlpbn_network *network,
                                                  mlpbn_optimizer *optimizer,
                                                  const mlpbn_rows *rows,
                                                  const mlpbn_loss_options *loss_options,
                                                  const mlpbn_fit_options *options,
                                                  mlpbn_history **history);

/* Frees a history; history may be NULL. */
MLPBN_API void mlpbn_history_destroy(mlpbn_history *history);

/* The number of epochs that are finished; the index of the best of them, SIZE_MAX if there is
 * none; and why training ended. history must not be NULL. */
MLPBN_API size_t mlpbn_history_epochs(const mlpbn_history *history);
MLPBN_API size_t mlpbn_history_best(const mlpbn_history *history);
MLPBN_API mlpbn_fit_end mlpbn_history_end(const mlpbn_history *history);

/* Gets the record of an epoch.
 *
 * record  receives the record; its struct_size must be set (mlpbn_fit_record_init)
 * index   below mlpbn_history_epochs()
 *
 * MLPBN_EINVAL  an argument is NULL, or index is too large
 */
MLPBN_API MLPBN_MUST_CHECK mlpbn_status mlpbn_history_get(mlpbn_fit_record *record,
                                                          const mlpbn_history *history,
                                                          size_t index);

/* Writes the history as comma-separated values: a line of names, then a line for each epoch,
 * with as many digits as it takes to read the same numbers again, in any locale. The fields of
 * a validation that did not take place are empty.
 *
 * MLPBN_EINVAL  an argument is NULL
 * MLPBN_EIO     the file cannot be written
 */
MLPBN_API MLPBN_MUST_CHECK mlpbn_status
mlpbn_history_write_csv(const mlpbn_history *history, FILE *file);

MLPBN_END

#endif
