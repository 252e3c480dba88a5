/* A library to be preloaded. It makes the function that $FAILING_CALL names, fsync or rename,
 * fail from its $FAILING_FROM-th call on. */
#define _GNU_SOURCE /* RTLD_NEXT */

#include <dlfcn.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

static int must_fail(const char *name)
{
    static int calls;
    const char *failing = getenv("FAILING_CALL"), *from = getenv("FAILING_FROM");
    return failing && from && strcmp(failing, name) == 0 && ++calls >= atoi(from);
}

int fsync(int descriptor)
{
    int (*real)(int);
    *(void **)&real = dlsym(RTLD_NEXT, "fsync");
    if (!must_fail("fsync"))
        return real(descriptor);
    errno = EIO;
    return -1;
}

int rename(const char *from, const char *to)
{
    int (*real)(const char *, const char *);
    *(void **)&real = dlsym(RTLD_NEXT, "rename");
    if (!must_fail("rename"))
        return real(from, to);
    errno = EROFS;
    return -1;
}
