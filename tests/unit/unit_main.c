#include "unit_suites.h"

#include <stdlib.h>

int main(void)
{
    SRunner *runner = srunner_create(memory_suite());
    srunner_add_suite(runner, random_suite());
    srunner_add_suite(runner, parallel_suite());
    srunner_add_suite(runner, hex_number_suite());
#ifdef MLPBN_TEST_WRAP
    srunner_add_suite(runner, allocation_suite());
    srunner_add_suite(runner, atomic_file_suite());
#if defined(__linux__)
    srunner_add_suite(runner, no_syscalls_suite());
#endif
#endif
    srunner_add_suite(runner, mlpbn__product_suite_f32());
    srunner_add_suite(runner, mlpbn__product_suite_f64());
    srunner_add_suite(runner, mlpbn__rows_suite_f32());
    srunner_add_suite(runner, mlpbn__rows_suite_f64());
    srunner_add_suite(runner, mlpbn__batchnorm_suite_f32());
    srunner_add_suite(runner, mlpbn__batchnorm_suite_f64());
    srunner_add_suite(runner, mlpbn__activation_suite_f32());
    srunner_add_suite(runner, mlpbn__activation_suite_f64());
    srunner_add_suite(runner, mlpbn__gradcheck_suite_f32());
    srunner_add_suite(runner, mlpbn__gradcheck_suite_f64());
    srunner_add_suite(runner, mlpbn__loss_suite_f32());
    srunner_add_suite(runner, mlpbn__loss_suite_f64());
    srunner_add_suite(runner, mlpbn__dropout_suite_f32());
    srunner_add_suite(runner, mlpbn__dropout_suite_f64());
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
