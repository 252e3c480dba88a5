/* What an activation is in ONNX: nodes one behind the other, the first of which reads the
 * activation's input x. */
#ifndef MLPBN_IO_ONNX_ONNX_ACTIVATIONS_H
#define MLPBN_IO_ONNX_ONNX_ACTIVATIONS_H

#include <mlpbn/layer.h>

/* What a node reads: */
typedef enum mlpbn__operand {
    MLPBN__NO_OPERAND,
    MLPBN__X, /* the activation's input */
    MLPBN__P, /* the output of the node before */
    MLPBN__ONE,
    MLPBN__HALF,
    MLPBN__ROOT2,  /* sqrt(2) */
    MLPBN__KAPPA,  /* 0.044715 */
    MLPBN__BETA_2, /* sqrt(2 / pi) */
    MLPBN__OPERANDS
} mlpbn__operand;

typedef struct mlpbn__step {
    const char *op; /* Add and Mul may have their operands the other way round */
    mlpbn__operand a, b;
} mlpbn__step;

enum { MLPBN__MOST_STEPS = 9 };

typedef struct mlpbn__recipe {
    mlpbn_activation activation;
    mlpbn__step steps[MLPBN__MOST_STEPS]; /* up to one without op */
    /* The attribute "alpha" of the one node, and ONNX's default of it; 0: has none. */
    double default_alpha;
} mlpbn__recipe;

/* Of these, one that is the beginning of another comes behind it. */
extern const mlpbn__recipe mlpbn__recipes[];
extern const size_t mlpbn__n_recipes;

/* NULL for the identity. */
const mlpbn__recipe *mlpbn__recipe_of(mlpbn_activation activation);

/* The constants among the operands: names of initializers and values. */
typedef struct mlpbn__constant {
    const char *name;
    double value;
} mlpbn__constant;

extern const mlpbn__constant mlpbn__constants[MLPBN__OPERANDS];

#endif
