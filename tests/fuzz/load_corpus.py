#!/usr/bin/env python3
"""load_corpus.py SEEDS CORPUS: makes the corpus of fuzz_load from the files of load_seeds.

The corpus consists of the seeds, of files as other programs would write them, and of copies of
the seeds that each violate the format in one way."""
import json
import pathlib
import struct
import sys

seeds, corpus = map(pathlib.Path, sys.argv[1:])


def parts(name):
    data = (seeds / name).read_bytes()
    n = struct.unpack("<Q", data[:8])[0]
    return json.loads(data[8 : 8 + n]), data[8 + n :]


def write(name, header, data):
    text = header if isinstance(header, bytes) else json.dumps(header, separators=(",", ":")).encode()
    (corpus / name).write_bytes(struct.pack("<Q", len(text)) + text + data)


def fnv1a64(data):
    checksum = 0xCBF29CE484222325
    for byte in data:
        checksum = (checksum ^ byte) * 0x100000001B3 % 2**64
    return f"fnv1a64:{checksum:016x}"


def use_format_1(metadata):
    """In format 1 a file need not have a checksum, so that others of its faults are found."""
    metadata["mlpbn.format"] = "1"
    metadata.pop("mlpbn.file_checksum")


def write_changed(name, seed, change):
    header, data = parts(seed)
    use_format_1(header["__metadata__"])
    changed = change(header, header["__metadata__"])
    write(name, header, changed if changed is not None else data)


def set_metadata(key, value):
    def change(header, metadata):
        metadata[key] = value

    return change


def set_tensor(name, key, value):
    def change(header, metadata):
        header[name][key] = value

    return change


def odd_offsets(tensors, data):
    """The same tensors in reverse order, so that integers of 8 bytes begin at any multiple of 4."""
    moved, reverse = {}, b""
    for name, tensor in sorted(tensors.items(), key=lambda t: -t[1]["data_offsets"][0]):
        begin, end = tensor["data_offsets"]
        moved[name] = {**tensor, "data_offsets": [len(reverse), len(reverse) + end - begin]}
        reverse += data[begin:end]
    return moved, reverse


for seed in seeds.iterdir():
    (corpus / seed.name).write_bytes(seed.read_bytes())
whole, (header, data) = (seeds / "relu").read_bytes(), parts("relu")

# Files of other programs, which hold only tensors.
plain = {k: v for k, v in header.items() if k != "__metadata__"}
write("plain", plain, data)
write("null_metadata", {"__metadata__": None, **plain}, data)
write("escaped", json.dumps(plain).replace("weight", "\\u0077eight").encode(), data)
write("odd_offsets", *odd_offsets(plain, data))
# The contents of a network, checksum and all, in another order.
reverse = dict(reversed(header["__metadata__"].items()))
moved, moved_data = odd_offsets(plain, data)
write("reordered", {**moved, "__metadata__": reverse}, moved_data)
write("plain_half", {**plain, "0.weight": {**plain["0.weight"], "dtype": "I32"}}, data)
header64, data64 = parts("small_deviations")
write("plain_standardized", {k: v for k, v in header64.items() if k != "__metadata__"}, data64)

# Length, header and data.
for name, content in {
    "empty": b"",
    "short_length": whole[:5],
    "no_header": whole[:8],
    "cut_header": whole[:200],
    "cut_data": whole[:-3],
    "trailing_byte": whole + b"x",
    "huge_length": b"\xff" * 8 + whole[8:],
    "tiny_length": struct.pack("<Q", 1) + b"{",
    "length_above_limit": struct.pack("<Q", (16 << 20) + 1) + whole[8:],
}.items():
    (corpus / name).write_bytes(content)
write("empty_object", {}, b"")
write("array", b"[1,2]", b"")
write("leading_space", b' {"a":1}', b"")
write("not_json", b'{"0.weight":}', b"")
write("deep", b"{" + b'"a":{' * 900 + b"}" * 901, b"")
write("deep_in_a_string", b'{"{{{{\\"{{":[1]}', b"")
write("duplicate", b'{%s,%s}' % ((b'"0.weight":{"dtype":"U8","shape":[],"data_offsets":[0,1]}',) * 2),
      b"\0")
write("nul_in_name", b'{"a\\u0000b":1}', b"")
write("not_utf8", b'{"\xff\xfe":1}', b"")
write("metadata_number", {"__metadata__": {"a": 1}}, b"")
write("metadata_array", {"__metadata__": []}, b"")
for name, place in ("changed_data", -1), ("changed_header", whole.index(b"4f8b588e368f1p-17")):
    changed = bytearray(whole)
    changed[place] ^= 1
    (corpus / name).write_bytes(changed)

# Tensors.
for name, tensor in {
    "real_offset": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4.0]},
    "negative_dim": {"dtype": "F32", "shape": [-1], "data_offsets": [0, 4]},
    "overflowing_shape": {"dtype": "F32", "shape": [1 << 62, 1 << 62, 4], "data_offsets": [0, 4]},
    "huge_integer": {"dtype": "F32", "shape": [1 << 70], "data_offsets": [0, 4]},
    "backwards": {"dtype": "F32", "shape": [1], "data_offsets": [4, 0]},
    "hole_in_front": {"dtype": "F32", "shape": [1], "data_offsets": [4, 8]},
    "misaligned": {"dtype": "F32", "shape": [1], "data_offsets": [2, 6]},
    "unknown_dtype": {"dtype": "F128", "shape": [1], "data_offsets": [0, 16]},
    "more_keys": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4], "x": 1},
    "no_shape": {"dtype": "F32", "shape": 1, "data_offsets": [0, 4]},
    "zero_rows": {"dtype": "F32", "shape": [0, 1 << 40], "data_offsets": [0, 0]},
}.items():
    write(name, {"0.weight": tensor}, b"\0" * 16)
one = {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}
write("overlap", {"a": one, "b": {**one, "data_offsets": [4, 12]}}, b"\0" * 12)
write("hole", {"a": one, "b": {**one, "data_offsets": [12, 20]}}, b"\0" * 20)


def set_data_checksum(checksum):
    def change(header, metadata):
        metadata["mlpbn.checksum"] = checksum

    return change


write_changed("format_1", "relu", set_data_checksum(fnv1a64(data)))
write_changed("format_1_without_checksum", "relu", lambda h, m: None)
write_changed("changed_data_1", "relu", set_data_checksum(fnv1a64(data + b"x")))
for name, checksum in ("no_checksum", None), ("short_checksum", "fnv1a64:2385"):
    changed, _ = parts("relu")
    changed["__metadata__"].pop("mlpbn.file_checksum")
    if checksum:
        changed["__metadata__"]["mlpbn.file_checksum"] = checksum
    write(name, changed, data)
write_changed("nan", "relu", lambda h, m: data[:-4] + struct.pack("<f", float("nan")))
write_changed("infinity", "relu", lambda h, m: data[:-4] + struct.pack("<f", float("inf")))
write_changed("negative_batches", "relu", lambda h, m: b"\xff" * 8 + data[8:])
begin = header["1.running_var"]["data_offsets"][0]
write_changed("negative_variance", "relu",
       lambda h, m: data[:begin] + struct.pack("<f", -1.5) + data[begin + 4 :])
write_changed("other_shape", "relu", set_tensor("0.weight", "shape", [2, 3]))
write_changed("lost_tensor", "relu", lambda h, m: h.update({"9.bias": h.pop("0.bias")}))

# Metadata.
for name, key, value in [
    ("other_format", "mlpbn.format", "3"),
    ("no_kind", "mlpbn.kind", "thing"),
    ("no_layers", "mlpbn.layers", "0"),
    ("many_layers", "mlpbn.layers", "99999999999999999999"),
    ("wide", "mlpbn.layer0.units", "4294967296"),
    ("no_inputs", "mlpbn.inputs", "0"),
    ("u8", "mlpbn.dtype", "U8"),
    ("unknown_activation", "mlpbn.layer0.activation", "swish"),
    ("early_softmax", "mlpbn.layer0.activation", "softmax"),
    ("flag_2", "mlpbn.layer0.bias", "2"),
    ("leading_zero", "mlpbn.layer0.units", "03"),
    ("decimal_eps", "mlpbn.layer0.batchnorm.eps", "1e-5"),
    ("negative_eps", "mlpbn.layer0.batchnorm.eps", "-0x1p-10"),
    ("other_outputs", "mlpbn.self_test.outputs", "0x1p+0 0x1p+1"),
    ("few_outputs", "mlpbn.self_test.outputs", "0x1p+0"),
]:
    write_changed(name, "relu", set_metadata(key, value))
write_changed("zero_std", "standardized",
       set_metadata("mlpbn.standardization.std", "0x0p+0 0x1p+0"))
for name, key, value in [
    ("other_method", "mlpbn.optimizer.method", "sgd"),
    ("beta_of_1", "mlpbn.optimizer.beta1", "0x1p+0"),
    ("many_decayed", "mlpbn.optimizer.decayed", "4294967296"),
    ("odd_position", "mlpbn.sampler.position", "3"),
    ("other_rows", "mlpbn.sampler.n", "8"),
]:
    write_changed(name, "checkpoint", set_metadata(key, value))
