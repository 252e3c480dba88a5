/* The table of activations. A row holds the properties of one activation; its kernels are in
 * kernel/activations.c. */
#ifndef MLPBN_MODEL_ACTIVATION_TABLE_H
#define MLPBN_MODEL_ACTIVATION_TABLE_H

#include <mlpbn/layer.h>

/* An input of an ONNX node: a tensor or a constant. */
typedef enum mlpbn__operand {
    MLPBN__NO_OPERAND,
    MLPBN__X,    /* the activation's input */
    MLPBN__PREV, /* the output of the previous node */
    MLPBN__ONE,
    MLPBN__HALF,
    MLPBN__SQRT_2,
    MLPBN__GELU_KAPPA, /* 0.044715 */
    MLPBN__GELU_BETA,  /* sqrt(2 / pi) */
    MLPBN__ZERO,
    MLPBN__SIX,
    MLPBN__OPERANDS /* the number of operands */
} mlpbn__operand;

/* An attribute of an ONNX node, whose value is fixed by the activation. */
typedef struct mlpbn__op_attribute {
    const char *name; /* NULL: no attribute */
    double value;
    double onnx_default;
} mlpbn__op_attribute;

enum { MLPBN__MAX_NODE_OPERANDS = 3, MLPBN__MAX_OP_ATTRIBUTES = 2 };

typedef struct mlpbn__op_node {
    const char *op; /* Add and Mul may have their operands in either order */
    mlpbn__operand operands[MLPBN__MAX_NODE_OPERANDS];
    mlpbn__op_attribute attributes[MLPBN__MAX_OP_ATTRIBUTES];
} mlpbn__op_node;

enum { MLPBN__MAX_KINKS = 2, MLPBN__MAX_OP_NODES = 9 };

typedef struct mlpbn__activation_traits {
    const char *name;        /* in files */
    double default_alpha;    /* 0: the activation has no alpha */
    int needs_preactivation; /* f' is computed from the input of f, not from its output */
    int is_probability;      /* f(z) is in [0, 1] and stands for a probability */
    int may_overflow;        /* |f(z)| may be larger than |z| + 1, and so overflow */
    int n_kinks;
    /* The points where f' jumps. They may differ from 0 only if needs_preactivation is 1. */
    double kinks[MLPBN__MAX_KINKS];
    /* f(z) as an expression of C in double; %s stands for alpha. Infinite intermediate values
     * give the right limits. NULL for identity, and for softmax, which is not elementwise. */
    const char *c_expression;
    /* f as a chain of ONNX nodes, which ends at the first without op; empty for identity. An
     * activation with alpha is one node, which has an attribute alpha with the same
     * default. */
    mlpbn__op_node onnx[MLPBN__MAX_OP_NODES];
} mlpbn__activation_traits;

/* Indexed by mlpbn_activation. */
extern const mlpbn__activation_traits mlpbn__activations[];

/* The value of a constant operand. */
double mlpbn__operand_value(mlpbn__operand operand);

/* The number of ONNX nodes of an activation. */
size_t mlpbn__n_op_nodes(mlpbn_activation activation);

#endif
