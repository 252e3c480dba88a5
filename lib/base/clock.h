/* A monotonic clock, in seconds. */
#ifndef MLPBN_BASE_CLOCK_H
#define MLPBN_BASE_CLOCK_H

double mlpbn__now(void);

#endif
