# Two commands do everything: `make run` and `make test`.
FILE ?= Examples/inventory.cpython-311-x86_64-linux-gnu.so
OUTPUT ?= recovered.py
PYTHON ?= python3
BINARY = .build/release/decython

.PHONY: help run build deps test unit acceptance score format lint

help:
	@echo "make run [FILE=module.so] [OUTPUT=out.py]   install what is missing, build, decompile"
	@echo "make test      all tests"
	@echo "make build     leaves the program at $(BINARY)"
	@echo "make score ORIGINAL=a.py RECOVERED=b.py     compare with an original"
	@echo "make format    format the sources"

run: build
	$(BINARY) $(FILE) -o $(OUTPUT)
	@echo "written to $(OUTPUT)"

deps:
	sh Tools/install-dependencies.sh

build: deps
	swift build -c release --product decython

test: deps lint unit acceptance

lint:
	swift format lint --strict --recursive Sources Tests Package.swift

unit: deps
	swift test -c release --disable-testable-imports

acceptance: build
	$(PYTHON) Tests/acceptance.py $(BINARY)

score:
	$(PYTHON) Tools/score.py $(ORIGINAL) $(RECOVERED)

format:
	swift format --in-place --recursive Sources Tests Package.swift
