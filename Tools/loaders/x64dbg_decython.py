"""x64dbg: makes a database of labels and comments; load it with `dbload` under the module's name.

Usage: x64dbg_decython.py symbols.json output.dd64

Not loaded into x64dbg by this project's tests, which read the database.
"""
import json
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from decython_symbols import Symbols


def database(path):
    symbols = Symbols(path)
    module = symbols.module["file"].lower()
    def row(address, text):
        return {"module": module, "address": "0x%X" % address, "manual": True, "text": text}
    return {
        "labels": [row(r["address"], r["name"]) for r in symbols.functions + symbols.data],
        "comments": [row(address, text) for address, text in symbols.comments],
    }


if __name__ == "__main__":
    with open(sys.argv[2], "w", encoding="utf-8") as file:
        json.dump(database(sys.argv[1]), file, indent=1)
