# Two commands do everything: `make run` and `make test`.
FILE ?= Examples/inventory.cpython-311-x86_64-linux-gnu.so
OUTPUT ?= recovered.py
PYTHON ?= python3
BINARY = .build/release/decython

.PHONY: help run build deps test-deps test unit generator acceptance analysts compare score score-fast score-check mutations semantics sweep matrix format lint

help:
	@echo "make run [FILE=module.so] [OUTPUT=out.py]   install what is missing, build, decompile"
	@echo "make test      all tests"
	@echo "make build     leaves the program at $(BINARY)"
	@echo "make score     figures on the development modules, into Scoreboard.json and SCOREBOARD.md"
	@echo "make score-fast  the same of the small part that make test checks"
	@echo "make semantics  what instructions do, compared with an emulator"
	@echo "make sweep     make score, ten thousand damaged modules, 20,000 instructions of each processor"
	@echo "make matrix LIST=modules.tsv FILES=folder   figures by CPython and Cython on modules of others"
	@echo "make compare ORIGINAL=a.py RECOVERED=b.py   compare with an original"
	@echo "make format    format the sources"

run: build
	$(BINARY) $(FILE) -o $(OUTPUT)
	@echo "written to $(OUTPUT)"

deps:
	sh Tools/install-dependencies.sh

test-deps:
	sh Tools/install-dependencies.sh --tests

build: deps
	swift build -c release --product decython

test: test-deps lint unit generator acceptance analysts mutations semantics score-check

lint:
	swift format lint --strict --recursive Sources Tests Package.swift

unit: deps
	swift test -c release --disable-testable-imports

acceptance: build
	$(PYTHON) Tests/acceptance.py $(BINARY)
	$(PYTHON) Tests/verification.py $(BINARY)

generator:
	$(PYTHON) Tests/fuzz.py

analysts: build
	$(PYTHON) Tests/analysts.py $(BINARY)
	$(PYTHON) Tests/exports.py $(BINARY)
	$(PYTHON) Tests/model.py $(BINARY)

compare:
	$(PYTHON) Tools/score.py $(ORIGINAL) $(RECOVERED)

score: build
	$(PYTHON) Tools/scoreboard.py --binary $(BINARY)

score-fast: build
	$(PYTHON) Tools/scoreboard.py --fast --binary $(BINARY)

score-check: build
	$(PYTHON) Tools/scoreboard.py --fast --check --binary $(BINARY)

mutations: build
	$(PYTHON) Tests/mutations.py $(BINARY) --count 300

semantics: deps
	swift build -c release --product semantics
	$(PYTHON) Tests/semantics.py .build/release/semantics

sweep: score semantics
	$(PYTHON) Tests/mutations.py $(BINARY) --count 10000
	$(PYTHON) Tests/semantics.py .build/release/semantics --count 20000 --table docs/SEMANTICS.md

matrix: build
	$(PYTHON) Tools/matrix.py $(LIST) $(FILES) --binary $(BINARY) $(MATRIX)

format:
	swift format --in-place --recursive Sources Tests Package.swift
