import IR
import RuntimeModel

/// What code takes a slice of, and by which call it makes the slice.
struct SliceSource {
  enum Form {
    case text
    case list
    case tuple

    /// The function that takes such slices.
    var function: String {
      switch self {
      case .text: "PyUnicode_Substring"
      case .list: "PyList_GetSlice"
      case .tuple: "PyTuple_GetSlice"
      }
    }
  }

  let form: Form
  /// The text, list or tuple.
  let object: Instruction.ID
  /// The call that makes a slice which is not empty.
  let call: Instruction.ID
  /// The call that copies items into it; texts are copied where they are made.
  let copy: Instruction.ID?
}

extension Function {
  /// The slices that a call may make.
  func slicesMade(by call: Instruction.ID, _ facts: some ModuleFacts) -> [SliceSource] {
    switch callee(of: call, facts)?.name {
    case "PyUnicode_FromKindAndData":
      let texts = textsRead(for: call)
      return texts.map { SliceSource(form: .text, object: $0, call: call, copy: nil) }
    case "PyList_New": return slices(.list, call, facts)
    case "PyTuple_New": return slices(.tuple, call, facts)
    default: return []
    }
  }

  /// The texts whose characters a call may read.
  private func textsRead(for call: Instruction.ID) -> [Instruction.ID] {
    var pending = argument(1, of: call).map { [$0] } ?? []
    var seen: Set<Instruction.ID> = []
    var result: [Instruction.ID] = []
    while let id = pending.popLast(), seen.count < 32 {
      guard seen.insert(id).inserted else { continue }
      if isPhi(id) {
        pending += operands(of: id)
      } else if self[id].operation == .machine(.load) {
        // Either the place of the characters, or a text that lies in a cell.
        pending.append(operand(0, of: id))
        result.append(id)
      } else if let (opcode, left, right) = machine(id) {
        if opcode == .add { pending += [left, right] }
      } else if constant(id) == nil {
        result.append(id)
      }
    }
    return result.sorted()
  }

  private func slices(
    _ form: SliceSource.Form, _ call: Instruction.ID, _ facts: some ModuleFacts
  ) -> [SliceSource] {
    for copy in reversePostorder().flatMap({ self[$0].instructions }) {
      guard ["memcpy", "memmove"].contains(callee(of: copy, facts)?.name),
        let target = argument(0, of: copy), let source = argument(1, of: copy)
      else { continue }
      let items = form == .list ? layout.listItems : layout.tupleItems
      let place = form == .list && isLoad(target, at: items) ? operand(0, of: target) : target
      guard offset(place) == (call, items) else { continue }
      return terms(of: source).compactMap { term in
        guard form == .list else { return term }
        return isLoad(term, at: items) ? offset(operand(0, of: term)).base : nil
      }.map { SliceSource(form: form, object: $0, call: call, copy: copy) }
    }
    return []
  }

  /// What a sum is made of, besides constants.
  private func terms(of sum: Instruction.ID) -> [Instruction.ID] {
    guard let (opcode, left, right) = machine(sum), opcode == .add else {
      return constant(sum) == nil ? [sum] : []
    }
    return terms(of: left) + terms(of: right)
  }

  /// Whether a value is loaded from where the size of what is sliced stands.
  func isSize(_ id: Instruction.ID, of source: SliceSource) -> Bool {
    isLoad(id, at: source.form == .text ? layout.textLength : layout.size)
      && offset(operand(0, of: id)).base == source.object
  }

  /// An object of a length to try a slice out with.
  func sample(of form: SliceSource.Form, length: Int) -> ObjectSample? {
    let place = ObjectSample.places[0]
    if form == .text { return ObjectSample(text: [0x61], length: length, .ascii, layout) }
    var result = ObjectSample(address: place)
    result.store(UInt64(length), size: pointerSize, at: place + layout.size)
    if form == .list {
      result.store(ObjectSample.itemsApart, size: pointerSize, at: place + layout.listItems)
    }
    return result
  }

  /// Whether a leaf is an empty text, list or tuple.
  func isEmpty(_ leaf: Instruction.ID, _ form: SliceSource.Form, _ facts: some ModuleFacts) -> Bool
  {
    let isMadeEmpty = argument(0, of: leaf).flatMap { constant($0) } == 0
    return switch form {
    case .text: constant(leaf).flatMap { facts.text(at: $0) } == ""
    case .list: callee(of: leaf, facts)?.name == "PyList_New" && isMadeEmpty
    case .tuple:
      constant(leaf).map { facts.isEmptyTuple(at: $0) } == true
        || callee(of: leaf, facts)?.name == "PyTuple_New" && isMadeEmpty
    }
  }

  /// Whether a leaf is `object[start:stop]`, with `start` and `stop` between 0 and the length.
  func isSlice(
    _ leaf: Instruction.ID, of source: SliceSource, _ range: Range<UInt64>, on walk: SampleWalk
  ) -> Bool {
    guard leaf == source.call, let sample = walk.samples[source.object] else { return false }
    func argument(_ index: Int, of call: Instruction.ID) -> UInt64? {
      self.argument(index, of: call).flatMap { value($0, on: walk) }
    }
    let count = UInt64(range.count)
    guard let copy = source.copy else {
      return argument(0, of: leaf).map { $0 & 0xFF } == 1
        && argument(1, of: leaf) == sample.address + layout.asciiData + range.lowerBound
        && argument(2, of: leaf) == count
    }
    let word = UInt64(pointerSize)
    let items =
      source.form == .list ? ObjectSample.itemsApart : sample.address + layout.tupleItems
    return argument(0, of: leaf) == count
      && argument(1, of: copy) == items + range.lowerBound * word
      && argument(2, of: copy) == count * word
  }
}
