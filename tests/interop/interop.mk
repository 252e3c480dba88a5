# Exchanges networks with PyTorch, safetensors and ONNX Runtime; the Makefile includes this.

# Packages from PyPI are installed in obj/interop.
INTEROP = obj/interop/bin/python
.PHONY: interop-deps check-interop
interop-deps: ## install PyTorch, safetensors, onnx and ONNX Runtime for check-interop
	@$(deps) check torch venv || $(deps) install torch venv
	/usr/bin/python3 -m venv --system-site-packages obj/interop
	$(INTEROP) -m pip install -q safetensors onnx onnxruntime 'numpy<2' # as Debian's PyTorch

obj/torch_driver: obj/tests/interop/torch_driver.o $(library)
	$(link_program)

obj/import_onnx: obj/tests/export/import_onnx.o $(library)
	$(link_program)

check-interop: all obj/torch_driver obj/export_cases obj/import_onnx ## exchange networks with PyTorch and ONNX Runtime (after interop-deps)
	@test -x $(INTEROP) || { echo "make interop-deps installs what it needs" >&2; exit 1; }
	$(INTEROP) $(srcdir)/tests/interop/torch_files.py obj/torch_driver
	rm -rf obj/exported && mkdir obj/exported && obj/export_cases obj/exported
	$(INTEROP) $(srcdir)/tests/interop/onnx_runtime.py obj/exported obj/import_onnx

-include obj/tests/interop/torch_driver.d obj/tests/export/import_onnx.d
