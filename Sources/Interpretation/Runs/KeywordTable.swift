package import Basics
import IR
import RuntimeModel

/// Finds out what a wrapper calls its parameters, by giving it a keyword that it does not know.
///
/// It hands the names of all parameters to what looks for such keywords, in a list that Cython 3.0 makes in the
/// frame (`__pyx_pyargnames`: `generate_keyword_unpacking_code` in `Cython/Compiler/Nodes.py`).
package struct KeywordTable {
  /// The names in the order of the parameters; nil if nothing looks for keywords.
  package private(set) var names: [Text]?

  /// Runs a wrapper that takes a vector of arguments (`METH_FASTCALL | METH_KEYWORDS`).
  ///
  /// - Parameters:
  ///   - wrapper: where its code starts.
  ///   - machine: a machine that has run the module's initialisation.
  ///   - isParser: whether a function is `__Pyx_ParseOptionalKeywords`.
  package init(_ wrapper: UInt64, _ machine: Interpreter, isParser: (UInt64) -> Bool) {
    // Where arguments lie on the stack, the list is not found.
    guard machine.machine.argumentRegisters.count >= 3 else { return }
    for count in 0..<Self.mostParameters where names == nil {
      names = withoutActuallyEscaping(isParser) { isParser in
        machine.withoutTraces { Self.handed(by: wrapper, machine, given: count, isParser) }
      }
    }
  }

  /// What is handed on if a number of arguments is given by position.
  private static func handed(
    by wrapper: UInt64, _ machine: Interpreter, given count: Int,
    _ isParser: @escaping (UInt64) -> Bool
  ) -> [Text]? {
    machine.stepBudget = 20_000
    var found: [Text]?
    machine.onNextInstruction = { machine, address in
      guard machine.frames.count == 2, address == machine.frames.last?.function, isParser(address)
      else { return }
      found = texts(at: machine.argument(2), machine)
      machine.stop(.stopped)
    }
    machine.onImportedCall = { _, name in name != "PyErr_Occurred" }
    let values = (0...count).map { machine.makeArgument("\($0)") }
    let layout = machine.world.layout
    guard let vector = machine.memory.allocate(Int(layout.words(values.count))) else { return nil }
    for (index, value) in values.enumerated() { machine.store(value, vector + layout.words(index)) }
    let names = machine.makeTuple([machine.internString(Text("decython.keyword"))])
    _ = machine.call(wrapper, [machine.makeArgument("receiver"), vector, UInt64(count), names])
    return found
  }

  /// The texts in a list of addresses of variables that null ends.
  private static func texts(at table: UInt64, _ machine: Interpreter) -> [Text]? {
    var result: [Text] = []
    for index in 0..<(mostParameters + 1) {
      let slot = machine.load(table &+ machine.world.layout.words(index))
      if slot == 0 { return result }
      guard let text = machine.text(of: machine.load(slot)) else { return nil }
      result.append(text)
    }
    return nil
  }

  private static let mostParameters = 32
}
