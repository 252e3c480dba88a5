/* The suites of the unit program; those of typed_*.c once for each type. */
#ifndef UNIT_SUITES_H
#define UNIT_SUITES_H

#include <check.h>

Suite *memory_suite(void);
Suite *random_suite(void);
Suite *parallel_suite(void);
Suite *allocation_suite(void);
Suite *hex_number_suite(void);
Suite *atomic_file_suite(void);
Suite *no_syscalls_suite(void);
Suite *mlpbn__product_suite_f32(void);
Suite *mlpbn__product_suite_f64(void);
Suite *mlpbn__rows_suite_f32(void);
Suite *mlpbn__rows_suite_f64(void);
Suite *mlpbn__batchnorm_suite_f32(void);
Suite *mlpbn__batchnorm_suite_f64(void);
Suite *mlpbn__activation_suite_f32(void);
Suite *mlpbn__activation_suite_f64(void);
Suite *mlpbn__gradcheck_suite_f32(void);
Suite *mlpbn__gradcheck_suite_f64(void);
Suite *mlpbn__loss_suite_f32(void);
Suite *mlpbn__loss_suite_f64(void);
Suite *mlpbn__dropout_suite_f32(void);
Suite *mlpbn__dropout_suite_f64(void);

#endif
