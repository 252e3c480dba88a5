/* Names of enumerators in the metadata. They are part of the file format: they never
 * change. Each function returns NULL for a value without a name. */
#ifndef MLPBN_IO_SAFETENSORS_ENUM_NAMES_H
#define MLPBN_IO_SAFETENSORS_ENUM_NAMES_H

const char *mlpbn__dtype_name(unsigned dtype);
const char *mlpbn__activation_name(unsigned activation);
const char *mlpbn__optimizer_kind_name(unsigned kind);

#endif
