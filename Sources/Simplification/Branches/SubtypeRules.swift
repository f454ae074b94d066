import Basics
import IR
import RuntimeModel

extension BranchRule {
  /// An object of exactly a type is an instance of it.
  ///
  /// ```c
  /// Py_TYPE(o) == &PyFloat_Type || PyType_IsSubtype(Py_TYPE(o), &PyFloat_Type)
  /// ```
  /// becomes the call (`PyObject_TypeCheck` in CPython's `Include/object.h`).
  package static let subtype = BranchRule("subtype") { site, function, context in
    guard case .equal(let left, let right) = site.condition.form,
      let call = function.leadingCall(of: site.otherTarget, "PyType_IsSubtype", context.facts),
      let type = function.argument(0, of: call), let base = function.argument(1, of: call),
      (left == type && right == base) || (left == base && right == type),
      function.isTypeOfObject(type),
      function.isDecided(by: call, in: site.otherTarget, asFrom: site.block, to: site.target)
    else { return nil }
    return site.formHolds(false)
  }
}

extension BranchRule {
  /// An argument is of the type that its annotation asks for.
  ///
  /// ```c
  /// Py_TYPE(a) == &PyUnicode_Type || a == Py_None || __Pyx__ArgTypeTest(a, &PyUnicode_Type, "a", 2)
  /// ```
  /// becomes nothing: the annotation says it (`__Pyx_ArgTypeTest` in
  /// `Cython/Utility/FunctionArguments.c`).
  package static let argumentType = BranchRule("argument-type") { site, function, context in
    if case .equal(let left, let right) = site.condition.form, function.constant(right) == 0,
      let name = function.callee(of: function.withoutExtract(left), context.facts)?.name,
      argumentTests.contains(name)
    {
      return site.formHolds(false)
    }
    for (arm, holds) in [(site.otherTarget, true), (site.target, false)] {
      guard let call = function.firstCall(of: arm),
        let name = function.callee(of: call, context.facts)?.name, argumentTests.contains(name),
        let argument = function.argument(0, of: call), function.isParameter(argument),
        function.tests(site.condition, argument, context.facts)
      else { continue }
      return site.formHolds(holds)
    }
    return nil
  }

  private static let argumentTests: Set<String> = ["__Pyx__ArgTypeTest", "__Pyx_ArgTypeTest"]
}

extension Function {
  /// Whether a condition asks for the type of an object or whether it is `None`.
  fileprivate func tests(
    _ condition: Condition, _ object: Instruction.ID, _ facts: any ModuleFacts
  ) -> Bool {
    switch condition.form {
    case .equal(let left, let right):
      if left == object { return variable(right, facts) == "_Py_NoneStruct" }
      return exactTypes(condition, facts)?.object == object
    case .either(let left, let right):
      return tests(Condition(left, in: self), object, facts)
        && tests(Condition(right, in: self), object, facts)
    default: return false
    }
  }

  /// Whether a value is loaded from where an object keeps its type.
  fileprivate func isTypeOfObject(_ id: Instruction.ID) -> Bool {
    isWord(id) && isLoad(id, at: layout.type)
  }

  /// Whether a test that comes out true leads to the same place with the same values as another way.
  ///
  /// - Parameters:
  ///   - call: the test.
  ///   - block: the block in which it is made and nothing else.
  ///   - source: where the other way starts.
  ///   - target: where both lead.
  /// - Returns: whether they do.
  func isDecided(
    by call: Instruction.ID, in block: Block.ID, asFrom source: Block.ID, to target: Block.ID
  ) -> Bool {
    // The other way may go through blocks that do nothing.
    var ways: [(from: Block.ID, to: Block.ID)] = [(source, target)]
    while let last = ways.last, ways.count < 4, self[last.to].instructions.isEmpty,
      case .jump(let next) = self[last.to].terminator
    {
      ways.append((last.to, next))
    }
    var current = block
    for _ in 0..<6 {
      guard does(nothingBut: call, in: current) else { return false }
      let next: Block.ID
      switch self[current].terminator {
      case .jump(let target): next = target
      case .branch(let condition, let first, let second):
        guard let holds = whenTrue(resolve(condition), call) else { return false }
        next = holds != 0 ? first : second
      default: return false
      }
      if let way = ways.first(where: { $0.to == next && $0.from != current }) {
        return hasSameValues((current, next), way, call)
      }
      current = next
    }
    return false
  }

  private func does(nothingBut call: Instruction.ID, in block: Block.ID) -> Bool {
    self[block].instructions.allSatisfy { id in
      switch self[id].operation {
      case .call, .machine(.store), .python: id == call
      default: true
      }
    }
  }

  private func hasSameValues(
    _ own: (from: Block.ID, to: Block.ID), _ other: (from: Block.ID, to: Block.ID),
    _ call: Instruction.ID
  ) -> Bool {
    guard let first = self[own.to].predecessors.firstIndex(of: own.from),
      let second = self[own.to].predecessors.firstIndex(of: other.from)
    else { return false }
    var live: IDSet<Instruction>?
    for phi in self[own.to].instructions where isPhi(phi) {
      let (made, given) = (operand(first, of: phi), operand(second, of: phi))
      if made == given { continue }
      if let number = whenTrue(made, call), number == whenTrue(given, call) { continue }
      // The test changes nothing in memory.
      if self[made].operation == .machine(.load), self[given].operation == .machine(.load),
        operand(0, of: made) == operand(0, of: given)
      {
        continue
      }
      // What is left in registers is nobody's.
      let read = live ?? liveValues()
      live = read
      if read.contains(phi) { return false }
    }
    return true
  }

  /// The number that a value is if a test came out true, which it says by 1.
  private func whenTrue(_ id: Instruction.ID, _ call: Instruction.ID) -> UInt64? {
    if id == call { return 1 }
    if let number = constant(id) { return number }
    guard let (opcode, left, right) = machine(id), self[id].block == nil,
      let first = whenTrue(left, call)
    else { return nil }
    var second: UInt64 = 0
    if operandCount(of: id) > 1 {
      guard let number = whenTrue(right, call) else { return nil }
      second = number
    }
    return opcode.evaluate(
      first, second, size: size(left), otherSize: size(right), width: size(id))
  }
}
