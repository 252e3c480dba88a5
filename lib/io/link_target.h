/* What a path leads to: the end of a chain of symbolic links. */
#ifndef MLPBN_IO_LINK_TARGET_H
#define MLPBN_IO_LINK_TARGET_H

#include <mlpbn/status.h>

/* Follows the symbolic links of the last component of path. A link of /proc, such as those that
 * /dev/stdout leads to, is not followed: it stands for an open file, which its text need not
 * name. MLPBN_EIO, MLPBN_ENOMEM.
 *
 * target   receives the path at the end, which need not exist; the caller frees it by
 *          mlpbn__memory_free
 * in_proc  receives 1 if that lies in /proc, otherwise 0
 */
mlpbn_status mlpbn__follow_links(char **target, int *in_proc, const char *path);

#endif
