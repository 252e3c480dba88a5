/* Activations as ONNX operators: each is a chain of nodes, the first of which reads the
 * activation's input x. */
#ifndef MLPBN_IO_ONNX_ONNX_ACTIVATIONS_H
#define MLPBN_IO_ONNX_ONNX_ACTIVATIONS_H

#include <mlpbn/layer.h>

#include <stddef.h>

/* An input of a node. */
typedef enum mlpbn__operand {
    MLPBN__NO_OPERAND,
    MLPBN__X,    /* the activation's input */
    MLPBN__PREV, /* the output of the previous node */
    MLPBN__ONE,
    MLPBN__HALF,
    MLPBN__SQRT_2,
    MLPBN__GELU_KAPPA, /* 0.044715 */
    MLPBN__GELU_BETA,  /* sqrt(2 / pi) */
    MLPBN__OPERANDS
} mlpbn__operand;

typedef struct mlpbn__pattern_node {
    const char *op; /* Add and Mul may have their operands in either order */
    mlpbn__operand a, b;
} mlpbn__pattern_node;

enum { MLPBN__MAX_PATTERN_NODES = 9 };

typedef struct mlpbn__op_pattern {
    mlpbn__pattern_node nodes[MLPBN__MAX_PATTERN_NODES]; /* up to the first without op */
    double default_alpha; /* ONNX's default of the attribute alpha; 0: there is none */
} mlpbn__op_pattern;

/* Returns the pattern of an activation; the identity has no nodes. */
const mlpbn__op_pattern *mlpbn__op_pattern_of(mlpbn_activation activation);

/* Returns the number of nodes. */
size_t mlpbn__op_pattern_length(const mlpbn__op_pattern *pattern);

/* A constant operand: the name of its initializer, and its value. */
typedef struct mlpbn__constant {
    const char *name;
    double value;
} mlpbn__constant;

extern const mlpbn__constant mlpbn__constants[MLPBN__OPERANDS];

#endif
