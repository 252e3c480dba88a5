/* A self-test of a saved network: its outputs for an input drawn from a seed. They are kept
 * in the file, and whoever loads the network computes them, too. */
#ifndef MLPBN_IO_SAFETENSORS_SELF_TEST_H
#define MLPBN_IO_SAFETENSORS_SELF_TEST_H

#include "model/model.h"
#include "io/safetensors/json_header.h"

/* Sets the metadata, none if the outputs are not finite. MLPBN_ENOMEM. */
mlpbn_status mlpbn__self_test_to_metadata(mlpbn__header *header,
                                          const mlpbn_network *network);

/* Returns MLPBN_EFORMAT if an output differs by more than tolerance times the largest of 1 and the
 * expected outputs; MLPBN_ENOMEM. */
mlpbn_status mlpbn__self_test_check(const mlpbn__header *header,
                                    const mlpbn_network *network, double tolerance);

#endif
