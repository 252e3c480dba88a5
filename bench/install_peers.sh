#!/bin/sh
# install_peers.sh DEPS...: installs the peers that bench compares with. DEPS... is the command
# that runs build-aux/deps.sh, which maps the names below to the packages of the system.
# shellcheck disable=SC2086 # lists of names are split on purpose
set -eu
packages="gnuplot c++ venv torch numpy fann dlib onednn openblas-openmp netlib"
modules="torch onnx onnxruntime numpy"
venv=obj/bench-venv

echo "bench-deps: installs what is missing of"
echo "    $packages"
echo "  with the system's package manager, and into the virtual environment $venv"
echo "    $modules"
echo "  from PyPI, about 6 GB (PyTorch's wheel there brings CUDA along, used or not)."
echo "  If an OpenBLAS is installed already, it stays the default BLAS."
echo "  rm -r $venv removes the second part."
"$@" install $packages
python=/usr/bin/python3
[ -x "$python" ] || python=python3
[ -x "$venv/bin/python" ] || "$python" -m venv "$venv"
"$venv/bin/pip" install -q $modules
