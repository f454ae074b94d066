import Analysis
package import IR
import RuntimeModel

extension Function {
  /// Puts an operation where Cython computes with `int`s in place.
  ///
  /// ```c
  /// if (a == Py_None) r = PyNumber_Subtract(a, b);
  /// else if (compact(a) && compact(b)) r = PyLong_FromSsize_t(value(a) - value(b));
  /// else r = Py_TYPE(b)->tp_as_number->nb_subtract(a, b);
  /// ```
  /// becomes `r = a - b` (`PyNumberBinop` in `Cython/Utility/Optimize.c`, since Cython 3.3). Which ways lead
  /// to which result is tried out with numbers of one digit, `None` and an object of another type; longer
  /// numbers are left to slots of types, which are taken for empty by then.
  ///
  /// - Returns: whether there was one.
  package mutating func collapseArithmetic(_ facts: some ModuleFacts) -> Bool {
    let candidates = mergedWords().compactMap { phi, values in
      arithmetic(among: values, facts).map { (phi, $0) }
    }
    guard !candidates.isEmpty else { return false }
    let dominators = dominatorTree(reversePostorder())
    for (phi, arithmetic) in candidates {
      for level in 0..<3 {
        guard
          let diamond = diamond(
            endingWith: phi, dominators, level: level,
            doing: { onlyLooks($0) || isPart($0, of: arithmetic, facts) }),
          agrees(diamond, with: arithmetic, facts)
        else { continue }
        replace(diamond, with: arithmetic)
        return true
      }
    }
    return false
  }

  private mutating func replace(_ diamond: Diamond, with arithmetic: Arithmetic) {
    let operands = [arithmetic.left, arithmetic.right]
    guard let general = arithmetic.general else {
      let operation = PythonOperation.binary(arithmetic.operation, inPlace: arithmetic.isInPlace)
      return replace(
        diamond, with: .python(operation), operands, at: self[arithmetic.call].address)
    }
    replace(diamond, with: .call, [general] + operands, at: self[arithmetic.call].address)
  }
}

/// An operation on two objects that is done in place where it can be.
private struct Arithmetic {
  let operation: BinaryOperator
  let isInPlace: Bool
  let left: Instruction.ID
  let right: Instruction.ID
  /// The function that does the operation for all objects, if it is called.
  let general: Instruction.ID?
  /// A call that does it.
  let call: Instruction.ID

  /// What comes out for two numbers; nil if that is too large to tell.
  func result(_ a: Int64, _ b: Int64) -> Int64? {
    func unlessLarge(_ result: (partialValue: Int64, overflow: Bool)) -> Int64? {
      result.overflow ? nil : result.partialValue
    }
    return switch operation {
    case .add: unlessLarge(a.addingReportingOverflow(b))
    case .subtract: unlessLarge(a.subtractingReportingOverflow(b))
    case .multiply: unlessLarge(a.multipliedReportingOverflow(by: b))
    case .and: a & b
    case .or: a | b
    case .exclusiveOr: a ^ b
    default: nil
    }
  }
}

/// An operand to try out.
private struct OperandSample {
  /// What it is, if it is a number.
  let number: NumberSample?
  /// Nil for a constant, of which the code knows all.
  let object: ObjectSample?
}

extension Function {
  private static let operations: [String: BinaryOperator] = [
    "Add": .add, "Subtract": .subtract, "Multiply": .multiply, "And": .and, "Or": .or,
    "Xor": .exclusiveOr,
  ]
  /// The places of `PyNumberMethods` in `Include/cpython/object.h`.
  private static let slots: [UInt64: BinaryOperator] = [
    0: .add, 1: .subtract, 2: .multiply, 13: .and, 14: .exclusiveOr, 15: .or,
  ]
  private static let boxes: Set<String> = [
    "PyLong_FromSsize_t", "PyLong_FromLongLong", "PyLong_FromLong",
  ]
  private static let parts = boxes.union([
    "PyFloat_FromDouble", "PyLong_AsDouble", "PyLong_AsSsize_t", "PyErr_Occurred", "_Py_Dealloc",
    "PyErr_Format",
  ])

  /// The operation that one of some values comes from, if another one was computed in place.
  private func arithmetic(
    among values: [Instruction.ID], _ facts: some ModuleFacts
  ) -> Arithmetic? {
    guard values.contains(where: { Self.boxes.contains(callee(of: $0, facts)?.name ?? "") }) else {
      return nil
    }
    let found = values.compactMap { arithmetic(doneBy: $0, facts) }
    return found.first { $0.general != nil } ?? found.first
  }

  private func arithmetic(
    doneBy call: Instruction.ID, _ facts: some ModuleFacts
  ) -> Arithmetic? {
    guard self[call].operation == .call, let left = argument(0, of: call),
      let right = argument(1, of: call)
    else { return nil }
    if let name = callee(of: call, facts)?.name, name.hasPrefix("PyNumber_") {
      let isInPlace = name.hasPrefix("PyNumber_InPlace")
      guard
        let operation = Self.operations[
          String(name.dropFirst(isInPlace ? "PyNumber_InPlace".count : "PyNumber_".count))]
      else { return nil }
      return Arithmetic(
        operation: operation, isInPlace: isInPlace, left: left, right: right,
        general: operand(0, of: call), call: call)
    }
    guard let operation = operationOfSlot(operand(0, of: call), of: [left, right]) else {
      return nil
    }
    return Arithmetic(
      operation: operation, isInPlace: false, left: left, right: right, general: nil, call: call)
  }

  /// The operation that a slot stands for, in the type of one of some objects or in `PyLong_Type`.
  private func operationOfSlot(
    _ target: Instruction.ID, of objects: [Instruction.ID]
  ) -> BinaryOperator? {
    guard self[target].operation == .machine(.load), isWord(target) else { return nil }
    let place = operand(0, of: target)
    // The slots of static types are taken for empty.
    if let address = constant(place), address < 0x1000 {
      return Self.slots[address / UInt64(pointerSize)]
    }
    let (table, distance) = offset(place)
    guard typeSlot(table) == .numberMethods,
      case let type = offset(operand(0, of: table)).base,
      objects.contains(offset(operand(0, of: type)).base)
    else { return nil }
    return Self.slots[distance / UInt64(pointerSize)]
  }

  private func isPart(
    _ call: Instruction.ID, of arithmetic: Arithmetic, _ facts: some ModuleFacts
  ) -> Bool {
    Self.parts.contains(callee(of: call, facts)?.name ?? "") || does(call, arithmetic, facts)
  }

  /// Whether a call does the operation, or what is left of it: `__Pyx_PyNumber_Add_xint_object` and
  /// `__Pyx_BinopTypeError` get both operands as well.
  private func does(
    _ call: Instruction.ID, _ arithmetic: Arithmetic, _ facts: some ModuleFacts
  ) -> Bool {
    guard self[call].operation == .call, argument(0, of: call) == arithmetic.left,
      argument(1, of: call) == arithmetic.right
    else { return false }
    if let other = self.arithmetic(doneBy: call, facts) {
      return other.operation == arithmetic.operation
        && (other.general == nil || arithmetic.general == other.general)
    }
    guard let target = constant(operand(0, of: call)) else { return false }
    return facts.raisesUnsupportedOperands(target)
  }

  /// Whether all ways through a diamond that samples take come to what the operation comes to.
  private func agrees(
    _ diamond: Diamond, with arithmetic: Arithmetic, _ facts: some ModuleFacts
  ) -> Bool {
    guard
      diamond.leaves.allSatisfy({ leaf in
        leaf == arithmetic.left || leaf == arithmetic.right || constant(leaf) == 0
          || self[leaf].block.map(diamond.blocks.contains) == true
      })
    else { return false }
    let variables = variablesAsked(in: diamond, facts)
    let lefts = samples(of: arithmetic.left, at: 0, variables, facts)
    let rights = samples(of: arithmetic.right, at: 1, variables, facts)
    let isSame = arithmetic.left == arithmetic.right
    var computedCount = 0
    for left in lefts {
      for right in isSame ? [left] : rights {
        var objects: [Instruction.ID: ObjectSample] = [:]
        objects[arithmetic.left] = left.object
        objects[arithmetic.right] = right.object
        let walk = walk(of: objects, from: diamond.head) { diamond.blocks.contains($0) }
        guard let leaf = leaf(of: diamond, on: walk) else {
          // Where the objects alone do not decide, a slot does, or a call that does the operation.
          let areNumbers = left.number != nil && right.number != nil
          guard !areNumbers || meetsCall(walk, diamond, arithmetic, facts) else { return false }
          continue
        }
        if does(leaf, arithmetic, facts) { continue }
        guard isResult(leaf, left.number, right.number, arithmetic, walk, facts) else {
          return false
        }
        computedCount += 1
      }
    }
    return computedCount > 0
  }

  /// Whether a walk ends behind a call that does the operation, or where it asks for a slot.
  private func meetsCall(
    _ walk: SampleWalk, _ diamond: Diamond, _ arithmetic: Arithmetic, _ facts: some ModuleFacts
  ) -> Bool {
    guard let last = walk.blocks.last, last != diamond.head else { return false }
    return walk.blocks.contains { block in
      self[block].instructions.contains { does($0, arithmetic, facts) }
    }
      || self[last].instructions.contains { id in
        typeSlot(id) == .numberMethods || isMethodOfTypeSlot(id)
          || callee(of: id, facts)?.name == "PyLong_AsSsize_t"
      }
  }

  /// Whether what a walk ends with is what the operation comes to.
  private func isResult(
    _ leaf: Instruction.ID, _ left: NumberSample?, _ right: NumberSample?,
    _ arithmetic: Arithmetic, _ walk: SampleWalk, _ facts: some ModuleFacts
  ) -> Bool {
    guard let left, let right else { return false }
    let values = (left.value(layout), right.value(layout))
    guard let a = values.0, let b = values.1, let expected = arithmetic.result(a, b) else {
      return false
    }
    if leaf == arithmetic.left, a == expected { return true }
    if leaf == arithmetic.right, b == expected { return true }
    guard Self.boxes.contains(callee(of: leaf, facts)?.name ?? ""),
      let number = argument(0, of: leaf), let computed = value(number, on: walk)
    else { return false }
    return Opcode.signed(computed, size(number)) == expected
  }

  /// What an operand is tried out with: numbers, an object of an unknown type, and `None` if the code asks
  /// for that.
  private func samples(
    of operand: Instruction.ID, at index: Int, _ variables: [String: UInt64],
    _ facts: some ModuleFacts
  ) -> [OperandSample] {
    if let address = constant(operand) {
      return [
        OperandSample(number: facts.integer(at: address).flatMap(NumberSample.init), object: nil)
      ]
    }
    let place = ObjectSample.places[index]
    let type = variables["PyLong_Type"] ?? ObjectSample.strangeType
    var result = NumberSample.all(layout).filter { $0.digits.count < 2 }.map {
      OperandSample(number: $0, object: $0.object(ofType: type, at: place, layout))
    }
    for address in [place, variables["_Py_NoneStruct"]].compactMap(\.self) {
      var object = ObjectSample(address: address)
      object.store(ObjectSample.strangeType, size: pointerSize, at: address + layout.type)
      result.append(OperandSample(number: nil, object: object))
    }
    return result
  }
}
