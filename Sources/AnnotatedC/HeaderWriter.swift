import Naming

/// Writes the header of a dump: the macros with their meaning, and what the module refers to.
struct HeaderWriter {
  private let declarations: Declarations
  private let names: ModuleNames

  init(_ declarations: Declarations, _ names: ModuleNames) {
    self.declarations = declarations
    self.names = names
  }

  func text(sourceName: String, layout: String) -> String {
    var lines = [
      "/* Annotated C of \(CIdentifier.comment(sourceName)): what the files beside this one mean.",
      " *",
      " * The C is what the machine code does, in the order in which it does it; it is to be read, not to be",
      " * run. Left out are the counting of references (Py_INCREF, Py_DECREF), the caches of globals and",
      " * attributes, the choice between ways of calling, and the way of errors: a macro whose step fails",
      " * releases what the function holds, adds its Python line to the traceback and returns NULL, unless",
      " * a PY_TRY or PY_FINALLY stands around it. Arguments are evaluated from left to right. The margin",
      " * tells the line of the Python source where it is known.",
      " */",
      "#ifndef DECYTHON_H", "#define DECYTHON_H", "", layout, "",
      "#ifndef NULL", "#define NULL ((void *) 0)", "#endif", "",
      "/* Comparisons: Include/object.h */",
      "enum { Py_LT = 0, Py_LE = 1, Py_EQ = 2, Py_NE = 3, Py_GT = 4, Py_GE = 5 };",
      "extern PyObject *Py_None, *Py_True, *Py_False, *Py_Ellipsis, *Py_NotImplemented;", "",
      "/* What the macros below are made of; nothing defines it. */",
      "extern PyObject *decython_object(const char *step, ...);",
      "extern int decython_int(const char *step, ...);",
      "extern Py_ssize_t decython_size(const char *step, ...);",
      "extern double decython_double(const char *step, ...);",
      "extern PyObject **decython_cell(const char *scope, const char *variable);",
      "extern char decython_image[];", "",
    ]
    lines += pythonMacros() + machineMacros() + references()
    return (lines + ["#endif"]).joined(separator: "\n") + "\n"
  }

  private func pythonMacros() -> [String] {
    var lines = ["/* Python operations. */"]
    for macro in MacroTable.all {
      let name = macro.name
      let meaning = CIdentifier.comment(macro.meaning, limit: 200)
      switch name {
      case "PY_SCOPE":
        lines.append("#define \(name)(scope) decython_object(#scope) /* \(meaning) */")
      case "PY_RAISE", "PY_ASSERT_FAILS", "PY_UNBOUND", "PY_RESUME":
        lines.append(
          "#define \(name)(...) (decython_int(\"\(name)\" __VA_OPT__(,) __VA_ARGS__), __builtin_unreachable()) /* \(meaning) */"
        )
      default:
        lines.append(
          "#define \(name)(...) decython_\(Self.word(macro.result))(\"\(name)\" __VA_OPT__(,) __VA_ARGS__) /* \(meaning) */"
        )
      }
    }
    lines += [
      "#define PY_CELL(scope, variable) (*decython_cell(#scope, #variable)) /* a variable in a closure scope */",
      "#define PY_TYPE(object) ((PyObject *) ((PyObject *) (object))->ob_type) /* type(object) */",
      "",
    ]
    return lines
  }

  private static func word(_ type: CType) -> String {
    switch type {
    case .object: "object"
    case .integer(4): "int"
    case .integer: "size"
    case .double: "double"
    }
  }

  private func machineMacros() -> [String] {
    var lines = [
      "/* Steps of the machine that have no form in Python or C. */",
      "#define IMAGE decython_image /* the module in memory: addresses are those of the file */",
      "#define LOAD(type, base, offset) (*(type *) ((char *) (base) + (offset)))",
      "#define STORE(type, base, offset, value) (LOAD(type, base, offset) = (type) (value))",
      "#define P_BITS(number) decython_size(\"bits\", (double) (number)) /* the bits of a double */",
      "#define P_DOUBLE(bits) decython_double(\"double\", (Py_ssize_t) (bits)) /* the double of bits */",
      "#define P_CALL_THROUGH(...) decython_size(\"call\" __VA_OPT__(,) __VA_ARGS__) /* a call through a pointer, which comes first */",
      "#define P_AFTER(cell) decython_size(\"after \" #cell) /* what a register or place holds behind the call */",
      "#define P_CHOOSE(value) decython_size(\"choose\", value) /* a jump through a table */",
      "#define P_CHOSEN(number) decython_int(\"chosen\", number) /* whether the value of P_CHOOSE is that */",
      "#define P_UNREACHABLE() __builtin_unreachable() /* control does not get here */",
    ]
    for name in declarations.macros.sorted() where name.hasPrefix("P_") {
      lines.append(
        "#define \(name)(...) decython_size(\"\(name)\" __VA_OPT__(,) __VA_ARGS__) /* an operation of P-code */"
      )
    }
    return lines + [""]
  }

  private func references() -> [String] {
    var lines = ["/* What the module refers to. */"]
    for (name, row) in declarations.rows.sorted(by: { $0.key < $1.key }) {
      let comment =
        row.comment.isEmpty ? "" : " /* \(CIdentifier.comment(row.comment, limit: 100)) */"
      switch row.kind {
      case .object: lines.append("extern PyObject *\(name);\(comment)")
      case .structure: lines.append("extern PyTypeObject \(name);\(comment)")
      case .methodDefinition: lines.append("extern PyMethodDef \(name);\(comment)")
      case .function(let type):
        lines.append(
          "#define \(name)(...) ((\(type.bare)) decython_\(Self.word(type))(\"\(name)\" __VA_OPT__(,) __VA_ARGS__))"
        )
      }
    }
    return lines + [""]
  }
}
