/* The checkpoints of cifar_train: when they are written, and going on from one. */
#ifndef RESUME_H
#define RESUME_H

#include "curves.h"
#include "train_options.h"

#include <mlpbn.h>
#include <stdbool.h>

enum { TRAIN, VALIDATION, TEST, SPLITS };

typedef struct run_result {
    double accuracy[SPLITS];  /* after the last epoch */
    double seconds;           /* time of the whole run, with evaluation */
    double images_per_second; /* of the training steps, with gathering */
} run_result;

/* The state of a run besides network, optimizer and sampler. */
typedef struct run_state {
    uint64_t run, step;            /* run 0: no run has begun */
    double seconds, images;        /* of training steps so far */
    double elapsed;                /* seconds of the run so far, evaluation included */
    double cost_sum, accuracy_sum; /* over the batches of this epoch */
    double validation;             /* the latest validation accuracy */
} run_state;

/* The state of a program that writes checkpoints of its runs. */
typedef struct resume_context {
    const train_options *options;
    curve_list *curves;  /* of all runs, including those read from the checkpoint */
    run_result *results; /* [runs] */
    uint64_t finished;   /* number of runs that are done and have results */
    run_state saved;     /* read from the checkpoint */
} resume_context;

/* With --resume, reads the results and curves of the checkpoint; if there is no such file, says
 * that training starts anew. SIGINT and SIGTERM let the next resume_save end the program; a second
 * signal ends it at once. Errors are fatal. */
resume_context resume_start(const train_options *options, curve_list *curves,
                            run_result *results);

/* Restores the parts and *state from the checkpoint. Returns false if there is no checkpoint, or
 * it is that of another run. */
bool resume_load(const resume_context *context, mlpbn_checkpoint *parts, uint64_t run,
                 run_state *state);

/* To be called after every step, and after every epoch: writes a checkpoint if one is due. After
 * a signal it writes one, or without it the file of --save, says what is kept, and ends the
 * program. A checkpoint that cannot be written is a warning. */
void resume_save(const resume_context *context, const mlpbn_checkpoint *parts,
                 const run_state *state, bool epoch_ends);

/* Fails early if the file cannot be written, or if the library was built without files. path
 * may be NULL. */
void resume_check_path(const char *path);

#endif
