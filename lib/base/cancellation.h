/* Cancellation of a thread (pthread_cancel) is held off while the library has a file open: its
 * descriptor and its lock would be left behind. */
#ifndef MLPBN_BASE_CANCELLATION_H
#define MLPBN_BASE_CANCELLATION_H

#if MLPBN_THREADS

#include <pthread.h>

/* Holds off cancellation of the calling thread. Returns the state to restore. */
static inline int mlpbn__cancellation_disable(void)
{
    int state = PTHREAD_CANCEL_ENABLE;
    pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &state);
    return state;
}

static inline void mlpbn__cancellation_restore(int state)
{
    pthread_setcancelstate(state, &state);
}

#else

static inline int mlpbn__cancellation_disable(void)
{
    return 0;
}

static inline void mlpbn__cancellation_restore(int state)
{
    (void)state;
}

#endif

#endif
