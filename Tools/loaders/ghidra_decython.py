# Names, comments and types of a decython symbol file, for Ghidra (Jython or PyGhidra).
# @category Python
# Not run in Ghidra by this project's tests, which use stubs of its API.
import json
import re

NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,254}$")


def plain(text):
    return u"".join(c if 32 <= ord(c) < 0x2000 and ord(c) != 127 else u"?" for c in text)[:400]


def apply(path, program, listing, table, source, comment_kind, to_address, create):
    """Everything of Ghidra's comes in as an argument, so that a test can stand in for it."""
    with open(path, "rb") as file:
        document = json.loads(file.read().decode("utf-8"))
    if document.get("format") != "decython-symbols" or document.get("version") != 1:
        raise ValueError("not a decython symbol file of version 1")
    count = 0
    for row in document["functions"]:
        if not NAME.match(row["name"]):
            continue
        address = to_address(row["address"])
        function = listing.getFunctionAt(address)
        if function is None:
            function = create(address, row["name"])
        if function is not None:
            function.setName(row["name"], source)
            if row["comment"]:
                function.setComment(plain(row["comment"]))
            count += 1
    for row in document["data"]:
        if NAME.match(row["name"]):
            address = to_address(row["address"])
            table.createLabel(address, row["name"], source)
            listing.setComment(address, comment_kind, plain(row["comment"]))
    for row in document["comments"]:
        listing.setComment(to_address(row["address"]), comment_kind, plain(row["text"]))
    return count


if __name__ == "__main__":
    from ghidra.program.model.listing import CodeUnit
    from ghidra.program.model.symbol import SourceType
    chosen = askFile("Symbols of decython", "Load")
    base = currentProgram.getImageBase()
    print("decython: %d functions" % apply(
        chosen.getAbsolutePath(), currentProgram, currentProgram.getListing(),
        currentProgram.getSymbolTable(), SourceType.IMPORTED, CodeUnit.PRE_COMMENT,
        lambda offset: base.add(offset), createFunction))
