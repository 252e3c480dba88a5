/* A network as a file of C (mlpbn/export.h). */
#ifndef MLPBN_IO_C_SOURCE_H
#define MLPBN_IO_C_SOURCE_H

#include "model/model.h"
#include "io/output.h"

typedef struct mlpbn__c_source {
    const mlpbn_network *network;
    const char *name; /* that names begin with; checked */
} mlpbn__c_source;

/* An mlpbn__writer_fn of an mlpbn__c_source. */
mlpbn_status mlpbn__write_c_source(mlpbn__output *output, const void *source);

enum { MLPBN__MOST_NAME = 60 };

/* MLPBN_EINVAL unless names may begin with it. */
mlpbn_status mlpbn__check_c_name(const char *name);

#endif
