"""radare2 and rizin: `#!pipe python rizin_decython.py symbols.json`, or from outside with a file's name.

Every command is made of checked names, numbers and base64; text of the binary never stands in one.
Not run in radare2 or rizin by this project's tests, which read the commands.
"""
import base64
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from decython_symbols import Symbols


def commands(path, base=0):
    """The commands that name everything."""
    symbols = Symbols(path)
    for row in symbols.functions:
        yield "f sym.%s %d 0x%x" % (row["name"], row.get("size") or 1, base + row["address"])
    for row in symbols.data:
        yield "f obj.%s %d 0x%x" % (row["name"], row.get("size") or 1, base + row["address"])
    texts = dict((row["address"], Symbols.plain(row["comment"])) for row in symbols.data)
    texts.update(symbols.comments)
    for address in sorted(texts):
        text = base64.b64encode(texts[address].encode("utf-8")).decode("ascii")
        yield "CCu base64:%s @ 0x%x" % (text, base + address)


def main():
    path = sys.argv[1]
    if len(sys.argv) > 2:
        import r2pipe
        session = r2pipe.open(sys.argv[2])
    else:
        try:
            import r2pipe
            session = r2pipe.open()
        except ImportError:
            import rzpipe
            session = rzpipe.open()
    base = int(session.cmd("e bin.baddr").strip() or "0", 0)
    for command in commands(path, base):
        session.cmd(command)


if __name__ == "__main__":
    main()
