import Analysis
package import IR
import RuntimeModel

extension Function {
  /// Puts a call where compilers inlined what makes a C integer of an `int`.
  ///
  /// ```c
  /// if (compact(x)) n = value(x);
  /// else switch (size(x)) { case 2: n = digit(x, 1) << 30 | digit(x, 0); … default: n = PyLong_AsSsize_t(x); }
  /// ```
  /// becomes `n = PyLong_AsSsize_t(x)` (`__Pyx_PyIndex_AsSsize_t` in `Cython/Utility/TypeConversion.c`). That
  /// all ways come to the number is tried out with numbers of all lengths.
  ///
  /// - Returns: whether there was one.
  package mutating func collapseConversions(_ facts: some ModuleFacts) -> Bool {
    var dominators: DominatorTree?
    let order = reversePostorder()
    for block in order {
      for phi in self[block].instructions where isPhi(phi) && isWord(phi) {
        guard let call = conversion(mergedBy: phi, facts), let argument = argument(0, of: call)
        else {
          continue
        }
        let object = withoutIndex(argument, facts)
        let tree = dominators ?? dominatorTree(order)
        dominators = tree
        for isLeftOut in [false, true] {
          guard
            let diamond = diamond(
              endingWith: phi, tree, leavingOut: isLeftOut, doing: { isPart($0, of: object, facts) }
            ),
            converts(diamond, object, facts)
          else { continue }
          replace(
            diamond, with: .call, [operand(0, of: call), object], at: self[call].address)
          return true
        }
      }
    }
    return false
  }

  private static let conversions: Set<String> = [
    "PyLong_AsSsize_t", "PyLong_AsLong", "__Pyx_PyIndex_AsSsize_t",
  ]

  /// A call that makes a number of an object, among what a phi merges.
  private func conversion(
    mergedBy phi: Instruction.ID, _ facts: some ModuleFacts
  ) -> Instruction.ID? {
    var pending = operands(of: phi)
    var seen: Set<Instruction.ID> = [phi]
    while let id = pending.popLast(), seen.count < 32 {
      guard seen.insert(id).inserted else { continue }
      if isPhi(id) { pending += operands(of: id) }
      if Self.conversions.contains(callee(of: id, facts)?.name ?? "") { return id }
    }
    return nil
  }

  /// The object of which an integer is made first, if it is none.
  private func withoutIndex(_ id: Instruction.ID, _ facts: some ModuleFacts) -> Instruction.ID {
    callee(of: id, facts)?.name == "PyNumber_Index" ? argument(0, of: id) ?? id : id
  }

  private func isPart(
    _ id: Instruction.ID, of object: Instruction.ID, _ facts: some ModuleFacts
  ) -> Bool {
    switch self[id].operation {
    case .phi, .undefined, .after, .forward, .referenceCount, .machine(.load): true
    case .machine(.store): isSpill(id)
    case .call:
      makesNumber(id, of: object, facts) || withoutIndex(id, facts) == object
        || callee(of: id, facts)?.name == "PyErr_Occurred"
    default: false
    }
  }

  private func makesNumber(
    _ call: Instruction.ID, of object: Instruction.ID, _ facts: some ModuleFacts
  ) -> Bool {
    Self.conversions.contains(callee(of: call, facts)?.name ?? "")
      && argument(0, of: call).map { withoutIndex($0, facts) } == object
  }

  /// Whether all samples come to the number that the object is, whatever its type says.
  private func converts(
    _ diamond: Diamond, _ object: Instruction.ID, _ facts: some ModuleFacts
  ) -> Bool {
    let variables = variablesAsked(in: diamond, facts)
    guard variables["_Py_NoneStruct"] == nil, constant(object) == nil else { return false }
    let calls = diamond.blocks.flatMap { self[$0].instructions }
    let integers = calls.filter { withoutIndex($0, facts) == object } + [object]
    let conversions = calls.filter { makesNumber($0, of: object, facts) }
    var computedCount = 0
    for (number, sample) in conversionSamples(variables["PyLong_Type"]) {
      // What the call says is asked whether it is an error.
      for returned in [UInt64.max, 0x7A5A_5A5A].map({ $0 & Opcode.mask(pointerSize) }) {
        let walk = walk(
          of: Dictionary(uniqueKeysWithValues: Set(integers).map { ($0, sample) }),
          Dictionary(uniqueKeysWithValues: Set(conversions).map { ($0, returned) }),
          from: diamond.head
        ) { diamond.blocks.contains($0) }
        guard let leaf = leaf(of: diamond, on: walk), let computed = value(leaf, on: walk) else {
          return false
        }
        if Opcode.signed(computed, size(leaf)) == number.value(layout) {
          computedCount += 1
        } else if computed != returned || number.value(layout) != nil && !meets(conversions, walk) {
          return false
        }
      }
    }
    return computedCount > 0
  }

  /// Whether one of some steps is done on a walk.
  private func meets(_ steps: [Instruction.ID], _ walk: SampleWalk) -> Bool {
    steps.contains { step in self[step].block.map(walk.blocks.contains) == true }
  }

  /// Numbers of `int` itself, of a type derived from it, and of one that is not, which is made an `int`
  /// first.
  private func conversionSamples(
    _ type: UInt64?
  ) -> [(number: NumberSample, object: ObjectSample)] {
    let place = ObjectSample.places[0]
    let flag = ObjectLayout.subclassFlags["PyLong_Type"] ?? 0
    return NumberSample.all(layout).flatMap { number in
      var samples = [flag, 0].map { flags in
        var object = number.object(ofType: ObjectSample.strangeType, at: place, layout)
        object.store(
          flags, size: pointerSize, at: ObjectSample.strangeType + layout.typeFlags)
        return object
      }
      if let type { samples.append(number.object(ofType: type, at: place, layout)) }
      return samples.map { (number, $0) }
    }
  }
}
