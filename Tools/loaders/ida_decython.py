"""IDA: File, Script file… Not run in IDA by this project's tests, which use stubs of its modules."""
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import ida_bytes
import ida_funcs
import ida_kernwin
import ida_nalt
import ida_name
import ida_typeinf
from decython_symbols import Symbols


def apply(path):
    symbols = Symbols(path)
    base = ida_nalt.get_imagebase()
    ida_typeinf.parse_decls(None, symbols.header, None, ida_typeinf.HTI_DCL)
    for row in symbols.functions:
        address = base + row["address"]
        if ida_funcs.get_func(address) is None:
            ida_funcs.add_func(address)
        ida_name.set_name(address, row["name"], ida_name.SN_NOWARN | ida_name.SN_FORCE)
        if row["comment"]:
            function = ida_funcs.get_func(address)
            if function is not None:
                ida_funcs.set_func_cmt(function, Symbols.plain(row["comment"]), False)
    for row in symbols.data:
        address = base + row["address"]
        ida_name.set_name(address, row["name"], ida_name.SN_NOWARN | ida_name.SN_FORCE)
        ida_bytes.set_cmt(address, Symbols.plain(row["comment"]), True)
    for address, text in symbols.comments:
        ida_bytes.set_cmt(base + address, text, False)
    return len(symbols.functions), len(symbols.data), len(symbols.comments)


if __name__ == "__main__":
    chosen = ida_kernwin.ask_file(False, "*.json", "Symbols of decython")
    if chosen:
        print("decython: %d functions, %d data, %d comments" % apply(chosen))
