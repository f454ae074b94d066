package import Basics
import RuntimeModel

/// Finds out what a wrapper calls its parameters, by giving it a dict that has whatever is looked up in it.
///
/// Special methods and functions without `binding` have no code object. Their wrappers look up the name of
/// each parameter that is not given by position, in the order of the parameters
/// (`generate_keyword_unpacking_code` in `Cython/Compiler/Nodes.py`, `__Pyx_ParseKeywordDict` in
/// `Cython/Utility/FunctionArguments.c`).
package struct KeywordProbe {
  /// The names, in the order of the parameters.
  package private(set) var names: [Text] = []
  /// Whether names that belong to no parameter are kept: a dict is made for `**kwargs` before.
  package private(set) var hasStarKeywords = false
  /// More than any wrapper counts.
  private static let count = 64

  /// Runs a wrapper that takes a tuple and a dict.
  ///
  /// - Parameters:
  ///   - wrapper: where its code starts.
  ///   - machine: a machine that has run the module's initialisation.
  package init(_ wrapper: UInt64, _ machine: Interpreter) {
    machine.withoutTraces {
      machine.stepBudget = 100_000
      let receiver = machine.makeArgument("receiver")
      let arguments = machine.makeTuple([])
      let keywords = machine.makeDictionary(
        (0..<Self.count).map { index in
          PythonValue.DictionaryEntry(
            key: machine.internString(Text("decython.keyword\(index)")),
            value: machine.makeArgument("unknown \(index)"))
        })
      var found: [Text] = []
      var makesDictionary = false
      machine.onImportedCall = { machine, name in
        if Self.lookups.contains(name), machine.argument(0) == keywords {
          guard let text = machine.text(of: machine.argument(1)), !found.contains(text),
            found.count < 256
          else { return true }
          found.append(text)
          machine.setItem(of: keywords, machine.argument(1), machine.makeArgument("keyword"))
          return false
        }
        // Behind that, the function itself may make dicts.
        if name == "PyDict_New" || name == "PyDict_Copy" {
          makesDictionary = true
          return true
        }
        return !Self.harmless.contains(name)
      }
      _ = machine.call(wrapper, [receiver, arguments, keywords])
      names = found
      hasStarKeywords = makesDictionary
    }
  }

  private static let lookups: Set<String> = [
    "_PyDict_GetItem_KnownHash", "PyDict_GetItemWithError", "PyDict_GetItemRef", "PyDict_GetItem",
  ]

  private static let harmless: Set<String> = [
    "PyDict_Size", "PyDict_New", "PyDict_Copy", "PyDict_Next", "PyDict_SetItem", "PyTuple_Size",
    "PyTuple_GetSlice", "PyObject_Hash",
    "PyArg_ValidateKeywordArguments", "PyErr_Occurred", "_Py_Dealloc", "memset", "memcpy",
  ]
}
