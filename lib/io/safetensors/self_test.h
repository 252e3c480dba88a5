/* A network's outputs for an input drawn from a seed, kept in its file: whoever loads it
 * computes them, too. */
#ifndef MLPBN_IO_SAFETENSORS_SELF_TEST_H
#define MLPBN_IO_SAFETENSORS_SELF_TEST_H

#include "model/model.h"
#include "io/safetensors/json_header.h"

/* Sets the texts, none if the outputs are not finite. MLPBN_ENOMEM. */
mlpbn_status mlpbn__self_test_set(mlpbn__header *header, const mlpbn_network *network);

/* MLPBN_EFORMAT if an output differs by more than tolerance times the largest of 1 and the
 * expected outputs; MLPBN_ENOMEM. */
mlpbn_status mlpbn__self_test_check(const mlpbn__header *header,
                                    const mlpbn_network *network, double tolerance);

#endif
