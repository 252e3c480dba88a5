/* The checkpoints of cifar_train: when they are written, and going on from one. */
#ifndef RESUME_H
#define RESUME_H

#include "curves.h"
#include "train_options.h"

#include <mlpbn.h>
#include <stdbool.h>

enum { TRAIN, VALIDATION, TEST, SPLITS };

typedef struct trial_result {
    double accuracy[SPLITS];  /* after the last epoch */
    double seconds;           /* of the whole run, evaluation included */
    double images_per_second; /* of the training steps, gathering included */
} trial_result;

/* Where a run stands, besides network, optimizer and sampler. */
typedef struct standing {
    uint64_t run, step;            /* run 0: nowhere */
    double seconds, images;        /* spent and seen in training steps */
    double elapsed;                /* seconds of the whole run */
    double cost_sum, accuracy_sum; /* over the batches of this epoch */
    double validation;             /* accuracy when last measured */
} standing;

/* What all runs share. */
typedef struct resume_point {
    const train_options *options;
    curve_list *curves;    /* of all runs, those of the checkpoint included */
    trial_result *results; /* [runs] */
    uint64_t finished;     /* runs; their results are there */
    standing from;         /* of the checkpoint that was found */
} resume_point;

/* With --resume reads what the checkpoint says of all runs; if there is no such file, says
 * that all starts anew. With --checkpoint SIGINT and SIGTERM no longer end the program, but
 * the next resume_save does; a second signal ends it at once. Errors are fatal. */
resume_point resume_start(const train_options *options, curve_list *curves,
                          trial_result *results);

/* If the checkpoint is of this run, brings the parts to where it was, and *at. */
bool resume_load(const resume_point *point, mlpbn_checkpoint *parts, uint64_t run,
                 standing *at);

/* To be called after every step, and after every epoch: writes a checkpoint if it is time,
 * and ends the program after a signal. A checkpoint that cannot be written is a warning. */
void resume_save(const resume_point *point, const mlpbn_checkpoint *parts,
                 const standing *at, bool epoch_ends);

/* Tells early of a file that cannot be written, and of a library that has no files. path may
 * be NULL. */
void resume_check_path(const char *path);

#endif
