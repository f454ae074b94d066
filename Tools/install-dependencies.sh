#!/bin/sh
# Unpacks the pinned SLEIGH sources and checks for what the build needs; with --tests also for what the
# tests need: they compile modules with Cython.
set -eu
# Installs packages; the lists are fetched only if they do not have them, or are missing.
install() {
  apt-get install -y -qq "$@" >&2 2>/dev/null && return
  apt-get update -qq >&2 || true
  apt-get install -y -qq "$@" >&2
}
command -v swift >/dev/null || { echo "Swift 6.3 is needed: https://swift.org/install" >&2; exit 1; }
command -v python3 >/dev/null || { echo "Python 3 is needed: apt install python3" >&2; exit 1; }
wheel=.deps/py/pypcode
if [ ! -f "$wheel/sleigh/sleigh.hh" ]; then
  if ! python3 -m pip --version >/dev/null 2>&1; then
    echo "installing pip" >&2
    install python3-pip \
      || { echo "pip is needed: apt install python3-pip" >&2; exit 1; }
  fi
  python3 -m pip install --quiet --no-deps --target .deps/py pypcode==3.3.3 \
    || { echo "pypcode 3.3.3 could not be fetched; is there a network?" >&2; exit 1; }
fi
missing=
for header in lzma zstd bzlib; do [ -f "/usr/include/$header.h" ] || missing=yes; done
if [ -n "$missing" ]; then
  echo "installing liblzma, libzstd and libbz2, which read archives" >&2
  install liblzma-dev libzstd-dev libbz2-dev \
    || { echo "liblzma-dev, libzstd-dev and libbz2-dev are needed: install them with apt" >&2; exit 1; }
fi
[ "${1:-}" = --tests ] || exit 0
headers='import os, sysconfig, venv, ensurepip
raise SystemExit(not os.path.exists(sysconfig.get_path("include") + "/Python.h"))'
if ! command -v gcc >/dev/null || ! python3 -c "$headers" 2>/dev/null; then
  echo "installing a C compiler and Python's headers" >&2
  install gcc libc6-dev binutils python3-dev python3-venv \
    || { echo "the tests need gcc, python3-dev and python3-venv: install them with apt" >&2; exit 1; }
fi
missing=
for program in gdb clang curl bwrap llvm-nm llvm-symbolizer; do command -v $program >/dev/null || missing=yes; done
if [ -n "$missing" ]; then
  echo "installing gdb, clang, curl, bubblewrap and LLVM's tools" >&2
  install gdb clang curl bubblewrap llvm \
    || { echo "the tests need gdb, clang, curl, bubblewrap and llvm: install them with apt" >&2; exit 1; }
fi
if [ ! -d .deps/test/elftools ] || [ ! -d .deps/test/lief ] || [ ! -d .deps/test/anthropic ] \
  || [ ! -d .deps/test/openai ] || [ ! -d .deps/test/xllamacpp ]; then
  python3 -m pip install --quiet --upgrade --target .deps/test pyelftools==0.33 lief==1.0.0 anthropic==2.14.0 \
    openai==3.57.0 xllamacpp==2026.10.11549 gguf==0.19.0 \
    || { echo "pyelftools, LIEF, anthropic, openai, xllamacpp and gguf could not be fetched; is there a network?" >&2; exit 1; }
fi
