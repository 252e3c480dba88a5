/* The table of activations: one row holds all that the library knows of one, but for the
 * kernels that compute it (kernel/activations.c). */
#ifndef MLPBN_MODEL_ACTIVATION_TABLE_H
#define MLPBN_MODEL_ACTIVATION_TABLE_H

#include <mlpbn/layer.h>

/* An input of an ONNX node: a value, or a constant. */
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
    MLPBN__OPERANDS
} mlpbn__operand;

/* An attribute of an ONNX node that the activation fixes. */
typedef struct mlpbn__op_attribute {
    const char *name; /* NULL: there is none */
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
    double default_alpha;    /* 0: it has no alpha */
    int needs_preactivation; /* its derivative is computed from f's input, not output */
    int unbounded;           /* |f(z)| may be larger than |z| + 1, and so overflow */
    int n_kinks;
    double kinks
        [MLPBN__MAX_KINKS]; /* where f' jumps; elsewhere than at 0 only if f needs its
                                     * pre-activation */
    /* f(z) as an expression of C in double, %s standing for alpha; infinite intermediate
     * values give the right limits. NULL: identity, and softmax, which is no function of one
     * number. */
    const char *c_expression;
    /* As a chain of ONNX nodes, up to the first without op; none for the identity. The one
     * node of an activation with alpha has the attribute alpha, of the same default. */
    mlpbn__op_node onnx[MLPBN__MAX_OP_NODES];
} mlpbn__activation_traits;

/* By mlpbn_activation. */
extern const mlpbn__activation_traits mlpbn__activations[];

/* The value of a constant operand. */
double mlpbn__operand_value(mlpbn__operand operand);

/* How many nodes an activation is in ONNX. */
size_t mlpbn__n_op_nodes(mlpbn_activation activation);

#endif
