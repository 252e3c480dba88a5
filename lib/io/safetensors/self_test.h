/* A self-test of a saved network. The file holds a seed, and the outputs of the network for a
 * random input of this seed; loading the network computes these outputs again. */
#ifndef MLPBN_IO_SAFETENSORS_SELF_TEST_H
#define MLPBN_IO_SAFETENSORS_SELF_TEST_H

#include "io/safetensors/header.h"
#include "io/safetensors/header_text.h"
#include "model/model.h"

/* Sets the metadata, none if the outputs are not finite. MLPBN_ENOMEM. */
mlpbn_status mlpbn__self_test_to_metadata(mlpbn__header_text *header,
                                          const mlpbn_network *network);

/* Returns MLPBN_EFORMAT if an output differs from the expected one by more than
 * tolerance * max(1, largest expected output). MLPBN_ENOMEM. */
mlpbn_status mlpbn__self_test_check(const mlpbn__header *header,
                                    const mlpbn_network *network, double tolerance);

#endif
