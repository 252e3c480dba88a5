/* A network as C source (mlpbn/export.h). */
#ifndef MLPBN_IO_C_SOURCE_H
#define MLPBN_IO_C_SOURCE_H

#include "io/output.h"
#include "model/model.h"

typedef struct mlpbn__c_export {
    const mlpbn_network *network;
    const char *name; /* prefix of all names in the source, already checked */
} mlpbn__c_export;

/* A mlpbn__writer_fn; context: a mlpbn__c_export. */
mlpbn_status mlpbn__write_c_source(mlpbn__output *output, const void *context);

enum { MLPBN__MAX_C_NAME = 60 };

/* Returns MLPBN_EINVAL unless the name is a C identifier of at most MLPBN__MAX_C_NAME
 * characters that begins with a letter. */
mlpbn_status mlpbn__check_c_name(const char *name);

#endif
