#!/bin/sh
# Unpacks the pinned SLEIGH sources and checks for what the build needs.
set -eu
command -v swift >/dev/null || { echo "Swift 6.3 is needed: https://swift.org/install" >&2; exit 1; }
command -v python3 >/dev/null || { echo "Python 3 is needed: apt install python3" >&2; exit 1; }
wheel=.deps/py/pypcode
if [ ! -f "$wheel/sleigh/sleigh.hh" ]; then
  if ! python3 -m pip --version >/dev/null 2>&1; then
    echo "installing pip" >&2
    (apt-get update -qq && apt-get install -y -qq python3-pip) >&2 \
      || { echo "pip is needed: apt install python3-pip" >&2; exit 1; }
  fi
  python3 -m pip install --quiet --no-deps --target .deps/py pypcode==3.3.3 \
    || { echo "pypcode 3.3.3 could not be fetched; is there a network?" >&2; exit 1; }
fi
