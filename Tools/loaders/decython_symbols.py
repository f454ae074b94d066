"""Reads the neutral file of `decython export --to json`. Data only: nothing in it is ever run.

Names from the file are used only if they are letters, digits and underscores; other text goes into
comments alone, without control characters.
"""
import json
import re

NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,254}\Z")
TYPES = {"PyObject *", "PyMethodDef", "PyTypeObject"}


class Symbols:
    def __init__(self, path):
        with open(path, encoding="utf-8") as file:
            document = json.load(file)
        if document.get("format") != "decython-symbols" or document.get("version") != 1:
            raise ValueError("not a decython symbol file of version 1")
        self.module = document["module"]
        self.functions = [row for row in document["functions"] if self.valid(row)]
        self.data = [row for row in document["data"] if self.valid(row) and row["type"] in TYPES]
        self.comments = [(row["address"], self.plain(row["text"])) for row in document["comments"]
                         if isinstance(row["address"], int)]
        self.header = document["types"]["header"]
        self.rows = document["sourceMap"]["rows"]

    @staticmethod
    def valid(row):
        return (isinstance(row["address"], int) and 0 <= row["address"] < 1 << 63
                and isinstance(row["name"], str) and NAME.match(row["name"]) is not None)

    @staticmethod
    def plain(text):
        """Text for a comment: what could steer a terminal or a console is replaced."""
        return "".join(c if c.isprintable() and ord(c) < 0x2000 else "?" for c in str(text))[:400]
