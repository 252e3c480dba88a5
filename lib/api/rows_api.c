/* The functions of mlpbn/rows.h. */
#include "api/options.h"

#include <mlpbn/rows.h>

static const mlpbn_rows rows_defaults = MLPBN_ROWS_INIT(NULL, MLPBN_NO_DTYPE, 0, 0);
DEFINE_INIT(mlpbn_rows, mlpbn_rows_init, rows_defaults)
