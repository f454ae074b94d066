"""Binary Ninja: Run Script… Not run in Binary Ninja by this project's tests, which use a stub."""
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from decython_symbols import Symbols


def apply(view, path, make_symbol, function_kind, data_kind):
    """What Binary Ninja provides comes in as arguments, so that a test can stand in for it."""
    symbols = Symbols(path)
    for row in symbols.functions:
        address = view.start + row["address"]
        if view.get_function_at(address) is None:
            view.create_user_function(address)
        view.define_user_symbol(make_symbol(function_kind, address, row["name"]))
    for row in symbols.data:
        address = view.start + row["address"]
        view.define_user_symbol(make_symbol(data_kind, address, row["name"]))
        view.set_comment_at(address, Symbols.plain(row["comment"]))
    for address, text in symbols.comments:
        view.set_comment_at(view.start + address, text)
    return len(symbols.functions)


if __name__ == "__main__":
    import binaryninja
    chosen = binaryninja.interaction.get_open_filename_input("Symbols of decython", "*.json")
    if chosen:
        types = binaryninja.enums.SymbolType
        print("decython: %d functions" % apply(
            bv, chosen, binaryninja.types.Symbol, types.FunctionSymbol, types.DataSymbol))
