import Analysis
package import IR
import RuntimeModel

extension Function {
  /// Puts a call where compilers inlined what takes a slice of a text, list or tuple.
  ///
  /// ```c
  /// if (start < 0) start = max(start + length, 0);
  /// if (stop < 0) stop += length; else if (stop > length) stop = length;
  /// if (stop <= start) r = PyList_New(0);
  /// else { r = PyList_New(stop - start); for (…) PyList_SET_ITEM(r, i, PyList_GET_ITEM(list, start + i)); }
  /// ```
  /// becomes `r = PyList_GetSlice(list, start, stop)` (`__Pyx_PyList_GetSlice` in
  /// `Cython/Utility/ObjectHandling.c`; `__Pyx_PyUnicode_Substring` in `Cython/Utility/StringTools.c` for
  /// texts). Which of the numbers are the bounds is found out by trying objects and bounds. What makes a C
  /// integer of a bound, if it is not `None`, may be part of the code.
  ///
  /// - Returns: whether there was one.
  package mutating func collapseSlices(_ facts: some ModuleFacts) -> Bool {
    let order = reversePostorder()
    var dominators: DominatorTree?
    for block in order {
      for call in self[block].instructions where self[call].operation == .call {
        for source in slicesMade(by: call, facts) {
          let tree = dominators ?? dominatorTree(order)
          dominators = tree
          // The widest code that is understood has the bounds as the source has them.
          for level in (0..<24).reversed() {
            guard let slice = InlinedSlice(source, tree, level: level, facts, self),
              let helper = facts.inlinedSlice(source.form.function),
              let (start, stop) = bounds(of: slice, facts)
            else { continue }
            replace(slice, start, stop, helper)
            return true
          }
        }
      }
    }
    return false
  }

  private mutating func replace(
    _ slice: InlinedSlice, _ start: SliceBound, _ stop: SliceBound, _ helper: UInt64
  ) {
    func number(_ bound: SliceBound, _ function: inout Function) -> Instruction.ID {
      switch bound {
      case .number(let number): return number
      case .object(let object, let conversions):
        let first = conversions[0]
        let call = function.append(
          .call, [function.operand(0, of: first), object], width: function.pointerSize,
          to: slice.diamond.head, at: function[first].address)
        for conversion in conversions { function.forward(conversion, to: call) }
        return call
      }
    }
    let bounds = [number(start, &self), number(stop, &self)]
    let operands = [constant(helper, width: pointerSize), slice.source.object] + bounds
    replace(slice.diamond, with: .call, operands, at: self[slice.source.call].address)
  }

  /// The bounds with which all samples come to the slice that the code makes.
  private mutating func bounds(
    of slice: InlinedSlice, _ facts: some ModuleFacts
  ) -> (start: SliceBound, stop: SliceBound)? {
    var fixed: Set<UInt64> = []
    for number in slice.constants.compactMap({ constant($0) }) {
      if Opcode.signed(number, pointerSize).magnitude < 64 {
        fixed.formUnion([number, 0 &- number])
      }
    }
    let numbers = fixed.sorted().map {
      SliceBound.number(constant($0 & Opcode.mask(pointerSize), width: pointerSize))
    }
    let zero = SliceBound.number(constant(0, width: pointerSize))
    let open = SliceBound.number(constant(Opcode.mask(pointerSize) >> 1, width: pointerSize))
    for start in slice.bounds + [zero] + numbers {
      for stop in slice.bounds + [open] + numbers where start != stop {
        if slices(slice, start, stop, facts) { return (start, stop) }
      }
    }
    return nil
  }

  private func slices(
    _ slice: InlinedSlice, _ start: SliceBound, _ stop: SliceBound, _ facts: some ModuleFacts
  ) -> Bool {
    let bounds = samples(slice, start, stop, facts)
    // The program may compare a bound with a number itself, which must be told apart.
    let lengths = [0, 1, 2, 6, 68] + comparedNumbers(slice).filter { $0 > 68 }.map { Int($0) + 2 }
    for length in lengths {
      guard let sample = sample(of: slice.source.form, length: length) else { return false }
      for (first, last) in bounds {
        let objects = first.objects.merging(last.objects) { first, _ in first }
          .merging([slice.source.object: sample]) { _, sample in sample }
        var numbers = first.numbers.merging(last.numbers) { first, _ in first }
        for size in slice.sizes { numbers[size] = UInt64(length) }
        for size in slice.formerSizes where numbers[size] == nil {
          numbers[size] = UInt64(length + 3)
        }
        let walk = walk(of: objects, numbers, from: slice.diamond.head) {
          slice.diamond.blocks.contains($0)
        }
        let range = Self.range(first.value ?? 0, last.value ?? .max, in: Int64(length))
        guard takes(slice, range, of: UInt64(length), on: walk, facts) else { return false }
      }
    }
    return !bounds.isEmpty
  }

  /// Whether a walk leads to a part of an object.
  private func takes(
    _ slice: InlinedSlice, _ range: Range<UInt64>, of length: UInt64, on walk: SampleWalk,
    _ facts: some ModuleFacts
  ) -> Bool {
    let source = slice.source
    guard let leaf = leaf(of: slice.diamond, on: walk) else { return false }
    if isEmpty(leaf, source.form, facts) { return range.isEmpty }
    if source.form == .text, leaf == source.object { return range == 0..<length && length > 0 }
    return !range.isEmpty && isSlice(leaf, of: source, range, on: walk)
  }

  /// What two bounds may be; one may be reckoned from the other.
  private func samples(
    _ slice: InlinedSlice, _ start: SliceBound, _ stop: SliceBound, _ facts: some ModuleFacts
  ) -> [(first: BoundSample, last: BoundSample)] {
    let starts = samples(of: start, at: ObjectSample.places[1], slice, facts)
    let stops = samples(of: stop, at: ObjectSample.places[2], slice, facts)
    if isReckoned(stop, from: start) {
      return starts.compactMap { first in reckoned(stop, from: first).map { (first, $0) } }
    }
    if isReckoned(start, from: stop) {
      return stops.compactMap { last in reckoned(start, from: last).map { ($0, last) } }
    }
    return starts.flatMap { first in stops.map { (first, $0) } }
  }

  private func isReckoned(_ bound: SliceBound, from other: SliceBound) -> Bool {
    guard case .number(let number) = bound, constant(number) == nil, case .number(let base) = other
    else { return false }
    var pending = machine(number).map { [$0.1, $0.2] } ?? []
    var count = 0
    while let id = pending.popLast(), count < 16 {
      count += 1
      if id == base { return true }
      if let (_, left, right) = machine(id) { pending += [left, right] }
    }
    return false
  }

  private func reckoned(_ bound: SliceBound, from sample: BoundSample) -> BoundSample? {
    guard case .number(let number) = bound else { return nil }
    let walk = SampleWalk(samples: [:], numbers: sample.numbers, blocks: [])
    return value(number, on: walk).map { BoundSample(Opcode.signed($0, pointerSize)) }
  }

  /// What a slice with some bounds takes of an object of some length.
  private static func range(_ first: Int64, _ last: Int64, in length: Int64) -> Range<UInt64> {
    let start = first < 0 ? max(first + length, 0) : first
    let stop = last < 0 ? last + length : min(last, length)
    return UInt64(start)..<UInt64(max(start, stop))
  }

  /// What a bound may be, to try out what comes of it.
  private func samples(
    of bound: SliceBound, at place: UInt64, _ slice: InlinedSlice, _ facts: some ModuleFacts
  ) -> [BoundSample] {
    switch bound {
    case .number(let number):
      if let value = constant(number) { return [BoundSample(Opcode.signed(value, pointerSize))] }
      let isCounter = isNeverNegative(number)
      return tried(slice).filter { $0 >= 0 || !isCounter }.map { value in
        var sample = BoundSample(value)
        sample.numbers[number] = UInt64(bitPattern: value) & Opcode.mask(pointerSize)
        return sample
      }
    case .object(let object, let conversions):
      let asked = variablesAsked(in: slice.diamond, facts)
      let integers = slice.integers(of: object)
      var result = (tried(slice) + [-(1 << 30) - 5, 1 << 30 + 5]).flatMap { value in
        objects(value, ofType: asked["PyLong_Type"], at: place).map { number in
          var sample = BoundSample(value)
          for integer in integers { sample.objects[integer] = number }
          for conversion in conversions {
            sample.numbers[conversion] = UInt64(bitPattern: value) & Opcode.mask(pointerSize)
          }
          return sample
        }
      }
      if let none = asked["_Py_NoneStruct"] {
        var sample = BoundSample(nil)
        sample.objects[object] = ObjectSample(address: none)
        result.append(sample)
      }
      return result
    }
  }

  /// The numbers of the code that bounds and sizes may be compared with.
  private func comparedNumbers(_ slice: InlinedSlice) -> [Int64] {
    let numbers = slice.constants.compactMap { id in
      constant(id).map { Opcode.signed($0, size(id)) }
    }
    return Set(numbers.filter { $0.magnitude < 1 << 24 }).sorted()
  }

  /// Bounds of all kinds: the usual ones, and those around numbers of the code.
  private func tried(_ slice: InlinedSlice) -> [Int64] {
    let near = comparedNumbers(slice).flatMap { [$0 - 1, $0, $0 + 1] }
    return Set(BoundSample.tried + near).sorted()
  }

  /// Whether a number counts up from one that is not negative.
  private func isNeverNegative(_ number: Instruction.ID) -> Bool {
    var pending = [number]
    var seen: Set<Instruction.ID> = []
    while let id = pending.popLast() {
      guard seen.insert(id).inserted, seen.count < 16 else { continue }
      if let number = constant(id) {
        if Opcode.signed(number, size(id)) < 0 { return false }
      } else if isPhi(id) {
        pending += operands(of: id)
      } else if let (opcode, left, right) = machine(id), opcode == .add {
        pending += [left, right]
      } else {
        return false
      }
    }
    return true
  }

  /// A number as an `int`, and as an object of another type, which is made an `int` first.
  private func objects(
    _ value: Int64, ofType type: UInt64?, at place: UInt64
  ) -> [ObjectSample] {
    let bits = UInt64(layout.digitBits)
    var digits: [UInt64] = []
    var rest = value.magnitude
    while rest > 0 {
      digits.append(UInt64(rest) & (1 << bits - 1))
      rest >>= UInt(bits)
    }
    let number = NumberSample(digits: digits, isNegative: value < 0)
    let flag = ObjectLayout.subclassFlags["PyLong_Type"] ?? 0
    var result = [flag, 0].map { flags in
      var object = number.object(ofType: ObjectSample.strangeType, at: place, layout)
      object.store(flags, size: pointerSize, at: ObjectSample.strangeType + layout.typeFlags)
      return object
    }
    if let type { result.append(number.object(ofType: type, at: place, layout)) }
    return result
  }
}

/// A bound of a slice that code takes.
enum SliceBound: Hashable {
  /// A C integer.
  case number(Instruction.ID)
  /// An object, with the calls in the code that make a C integer of it; it may be `None`.
  case object(Instruction.ID, conversions: [Instruction.ID])
}

/// What a bound may be.
private struct BoundSample {
  /// The number; nil for `None`.
  let value: Int64?
  var objects: [Instruction.ID: ObjectSample] = [:]
  var numbers: [Instruction.ID: UInt64] = [:]

  static let tried: [Int64] = [-70, -6, -2, -1, 0, 1, 3, 6, 7, 70]

  init(_ value: Int64?) { self.value = value }
}
