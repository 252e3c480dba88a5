/* The length of an array, and tables with a row for each enumerator. */
#ifndef MLPBN_BASE_ARRAY_H
#define MLPBN_BASE_ARRAY_H

#define MLPBN__LENGTH(array) (sizeof(array) / sizeof *(array))

/* Does not compile unless the table has this many rows. For a table that is indexed by an
 * enum, `rows` is one more than the last enumerator. */
#define MLPBN__ASSERT_ROWS(table, rows)                                                  \
    _Static_assert(MLPBN__LENGTH(table) == (rows),                                       \
                   #table " needs a row for each enumerator")

#endif
