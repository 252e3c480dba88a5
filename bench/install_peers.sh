#!/bin/sh
# install_peers.sh DEPS...: installs the peers that bench compares with. DEPS is how to call
# build-aux/deps.sh, which knows the packages.
# shellcheck disable=SC2086 # lists of names are split on purpose
set -eu
peers="gnuplot c++ venv torch numpy fann dlib onednn openblas-openmp netlib"
modules="torch onnx onnxruntime numpy"
venv=obj/bench-venv

echo "bench-deps: installs what is missing of"
echo "    $peers"
echo "  with the system's package manager, and into the virtual environment $venv"
echo "    $modules"
echo "  from PyPI, about 6 GB (PyTorch's wheel there brings CUDA along, used or not)."
echo "  An OpenBLAS that programs use already stays the one that they use."
echo "  rm -r $venv removes the second part."
"$@" install $peers
python=/usr/bin/python3
[ -x "$python" ] || python=python3
[ -x "$venv/bin/python" ] || "$python" -m venv "$venv"
"$venv/bin/pip" install -q $modules
