/* Runs all tests of the public API. CK_RUN_SUITE=name runs one suite, CK_FORK=no runs all
 * in one process (valgrind). Under AddressSanitizer ASAN_OPTIONS must have
 * allocator_may_return_null=1: some tests ask for more memory than there can be. */
#include "api_helpers.h"

int main(void)
{
    SRunner *runner = api_runner();
    srunner_run_all(runner, CK_NORMAL);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
