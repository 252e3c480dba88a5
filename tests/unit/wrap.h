#ifndef WRAP_H
#define WRAP_H

/* How many allocations still succeed before one fails; negative: none fails. */
extern long allocations_until_failure;

#endif
