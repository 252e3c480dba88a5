/* Runs all tests of the public API. CK_RUN_SUITE=name runs one suite, CK_FORK=no runs all
 * in one process (valgrind). Under AddressSanitizer ASAN_OPTIONS must have
 * allocator_may_return_null=1: some tests ask for more memory than there can be. */
#include "api_helpers.h"

#include <stdlib.h>

int main(void)
{
    Suite *(*const suites[])(void) = {
        status_suite,
        struct_size_suite,
        network_suite,
        tensor_suite,
        rows_suite,
        standardization_suite,
        loss_suite,
        batchnorm_suite,
        predict_suite,
        workspace_suite,
        train_suite,
        gradient_suite,
        optimizer_suite,
        nonfinite_suite,
        sampler_suite,
        threads_suite,
        timing_suite,
        linear_suite,
        learns_suite,
        hostile_suite,
        copies_suite,
        gradcheck_suite,
        reference_suite,
        dropout_suite,
        statistics_suite,
        fold_suite,
        export_suite,
#if MLPBN_JANSSON
        file_suite,
        corpus_suite,
        checkpoint_suite,
#else
        no_files_suite,
#endif
    };
    SRunner *runner = srunner_create(NULL);

    for (size_t i = 0; i < LENGTH(suites); i++)
        srunner_add_suite(runner, suites[i]());
    srunner_run_all(runner, CK_NORMAL);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
