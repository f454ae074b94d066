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
    let candidates = mergedWords().compactMap { phi, values in
      values.first { Self.conversions.contains(callee(of: $0, facts)?.name ?? "") }.map {
        (phi, $0)
      }
    }
    guard !candidates.isEmpty else { return false }
    let dominators = dominatorTree(reversePostorder())
    for (phi, call) in candidates {
      guard let object = argument(0, of: call).map({ withoutIndex($0, facts) }) else { continue }
      for isLeftOut in [false, true] {
        guard
          let diamond = diamond(
            endingWith: phi, dominators, leavingOut: isLeftOut,
            doing: { onlyLooks($0) || isPart($0, of: object, facts) }),
          converts(diamond, object, facts)
        else { continue }
        replace(diamond, with: .call, [operand(0, of: call), object], at: self[call].address)
        return true
      }
    }
    return false
  }

  private static let conversions: Set<String> = [
    "PyLong_AsSsize_t", "PyLong_AsLong", "__Pyx_PyIndex_AsSsize_t",
  ]

  /// The object of which an integer is made first, if it is none.
  private func withoutIndex(_ id: Instruction.ID, _ facts: some ModuleFacts) -> Instruction.ID {
    callee(of: id, facts)?.name == "PyNumber_Index" ? argument(0, of: id) ?? id : id
  }

  private func isPart(
    _ call: Instruction.ID, of object: Instruction.ID, _ facts: some ModuleFacts
  ) -> Bool {
    makesNumber(call, of: object, facts) || withoutIndex(call, facts) == object
      || callee(of: call, facts)?.name == "PyErr_Occurred"
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
