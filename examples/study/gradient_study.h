/* The gradient checks of the study that libmlpbn comes from: its networks, the errors that it
 * published, and measures of the gradient besides mlpbn_gradcheck. */
#ifndef GRADIENT_STUDY_H
#define GRADIENT_STUDY_H

#include <mlpbn.h>
#include <stdbool.h>

enum {
    GRADIENT_COLUMNS = 30, /* inputs of the networks */
    GRADIENT_LAYERS = 9,   /* the maximum */
    GRADIENT_KINDS = 4,    /* kinds of tensors: weight, bias, gamma, beta */
    GRADIENT_CASES = 2
};

typedef struct gradient_case {
    const char *name;
    size_t layers;
    size_t units[GRADIENT_LAYERS];
    bool batchnorm;     /* before every ReLU */
    size_t n_published; /* layers whose errors were published */
    double published[GRADIENT_LAYERS][GRADIENT_KINDS];
} gradient_case;

extern const gradient_case gradient_cases[GRADIENT_CASES];

/* The largest relative error of each tensor; NaN where there is no such tensor. */
typedef double gradient_errors[GRADIENT_LAYERS][GRADIENT_KINDS];

void gradient_errors_clear(gradient_errors errors);

/* Returns the element of errors for a tensor, an index in the network's table of tensors; NULL if
 * the tensor has none of the four kinds. */
double *gradient_error_of(gradient_errors errors, const mlpbn_network *network,
                          size_t tensor);

/* Returns the options of softmax cross-entropy with the study's L2 penalty. */
mlpbn_loss_options gradient_loss(void);

/* Compares the gradient in f64 with differences in long double. Returns whether all errors are at
 * most 1e-7; always true where long double has the precision of double. Errors are fatal, here
 * and below. */
bool gradient_errors_exact(gradient_errors errors, const mlpbn_network *network,
                           const mlpbn_rows *pictures);

/* Compares the gradient in f64 with that for standardized inputs rounded to float. */
void gradient_errors_rounded(gradient_errors errors, const mlpbn_network *network,
                             const mlpbn_rows *pictures);

/* Prints a line for each tensor of a case. */
void gradient_table_print(const gradient_case *c, gradient_errors rounded,
                          gradient_errors f32, gradient_errors exact,
                          gradient_errors f64);

/* For the notes of --help. */
#define GRADIENT_TABLE_NOTE                                                              \
    "The table has these columns:\n"                                                     \
    "  published  errors that the study found\n"                                         \
    "  f32, f64   by mlpbn_gradcheck, in either precision\n"                             \
    "  exact      f64 against differences in long double\n"                              \
    "  x in f32   not a gradient's error: how much it changes, all in f64, when no "     \
    "more\n"                                                                             \
    "             than the standardized pixels are rounded to float. Batchnorm over "    \
    "five\n"                                                                             \
    "             rows makes it larger from layer to layer, and f32 cannot be below "    \
    "it\n"                                                                               \
    "Without a folder of data the pictures are synthetic. Ends with 1 if an error is\n"  \
    "above 1e-6 in f64, or 1e-7 in \"exact\".\n"

#endif
