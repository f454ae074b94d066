import Analysis
import IR
import RuntimeModel

/// Code that takes a slice in place, with what decides in it.
struct InlinedSlice {
  let source: SliceSource
  let diamond: Diamond
  /// What may be bounds: the objects and numbers that come from outside.
  private(set) var bounds: [SliceBound] = []
  /// The constants in the code.
  private(set) var constants: Set<Instruction.ID> = []
  /// What was read from the object's size before, which has not changed since.
  private(set) var sizes: Set<Instruction.ID> = []
  /// What was read from the object's size before it may have changed.
  private(set) var formerSizes: Set<Instruction.ID> = []
  /// The objects whose numbers are made of what was another object first.
  private var indices: [Instruction.ID: [Instruction.ID]] = [:]

  /// The code that ends with a slice; nil if it does something else as well.
  ///
  /// - Parameters:
  ///   - source: the slice.
  ///   - dominators: the blocks that lead to others.
  ///   - level: how many blocks where ways part stand between the first one and the end.
  ///   - facts: what is known of the module.
  ///   - function: the function.
  init?(
    _ source: SliceSource, _ dominators: DominatorTree, level: Int, _ facts: some ModuleFacts,
    _ function: borrowing Function
  ) {
    guard let block = function[source.call].block,
      let diamond = Self.diamond(of: source, in: block, dominators, level: level, facts, function)
    else { return nil }
    self.source = source
    self.diamond = diamond
    findBounds(facts, function)
  }

  /// The ways to a phi, one of which makes the slice, another of which is empty.
  private static func diamond(
    of source: SliceSource, in block: Block.ID, _ dominators: DominatorTree, level: Int,
    _ facts: some ModuleFacts, _ function: borrowing Function
  ) -> Diamond? {
    for block in function.reversePostorder() {
      for phi in function[block].instructions where function.isPhi(phi) && function.isWord(phi) {
        guard function.operands(of: phi).contains(source.call) else { continue }
        let diamond = function.diamond(endingWith: phi, dominators, level: level) { step in
          step == source.call || step == source.copy || function.onlyLooks(step)
            || function.isEmpty(step, source.form, facts)
            || function.convertedObject(step, facts) != nil
            || function.callee(of: step, facts)?.name == "PyErr_Occurred"
        }
        guard let diamond,
          diamond.leaves.contains(where: { function.isEmpty($0, source.form, facts) })
        else { continue }
        return diamond
      }
    }
    return nil
  }

  /// What stands for the number that an object is.
  func integers(of object: Instruction.ID) -> [Instruction.ID] {
    [object] + indices[object, default: []]
  }

  private mutating func findBounds(_ facts: some ModuleFacts, _ function: borrowing Function) {
    var conversions: [Instruction.ID: [Instruction.ID]] = [:]
    for step in diamond.blocks.sorted().flatMap({ function[$0].instructions }) {
      guard let object = function.convertedObject(step, facts) else { continue }
      if function.callee(of: step, facts)?.name == "PyNumber_Index" {
        indices[object, default: []].append(step)
      } else {
        conversions[object, default: []].append(step)
      }
    }
    let objects = conversions.keys.sorted()
    bounds = objects.map { .object($0, conversions: conversions[$0, default: []]) }
    let known = function.currentSizes(of: source, at: diamond.head)
    var numbers: [Instruction.ID] = []
    var pending = decisions(function).reversed() as [Instruction.ID]
    var seen = Set([source.object] + objects + conversions.values.joined())
    while let id = pending.popLast() {
      guard seen.insert(id).inserted else { continue }
      let isInside = function[id].block.map(diamond.blocks.contains) == true
      if function.constant(id) != nil {
        constants.insert(id)
      } else if known.contains(id) {
        sizes.insert(id)
      } else if isInside, function.isPhi(id) || function[id].operation == .machine(.load) {
        continue
      } else if function[id].operation == .machine(.load) {
        if function.isSize(id, of: source), source.form == .list { formerSizes.insert(id) }
        if function.isWord(id) { numbers.append(id) }
      } else if let (_, left, right) = function.machine(id) {
        if function.isWord(id) { numbers.append(id) }
        pending += [left, right]
      } else if function.isWord(id), !isInside {
        numbers.append(id)
      }
    }
    bounds += numbers.sorted().map { .number($0) }
  }

  /// What the code decides by, and what the calls in it get.
  private func decisions(_ function: borrowing Function) -> [Instruction.ID] {
    var result: [Instruction.ID] = []
    for block in diamond.blocks.union([diamond.head]).sorted() {
      if let condition = function[block].terminator.value {
        result.append(function.resolve(condition))
      }
      guard block != diamond.head else { continue }
      for id in function[block].instructions {
        if function.isPhi(id) { result += function.operands(of: id) }
        if function[id].operation == .call { result += function.operands(of: id).dropFirst() }
      }
    }
    return result
  }
}

extension Function {
  private static let conversions: Set<String> = [
    "PyLong_AsSsize_t", "PyLong_AsLong", "__Pyx_PyIndex_AsSsize_t", "PyNumber_Index",
  ]

  /// The object of which a call makes a C integer, or the `int` that it is made of.
  fileprivate func convertedObject(
    _ call: Instruction.ID, _ facts: some ModuleFacts
  ) -> Instruction.ID? {
    guard Self.conversions.contains(callee(of: call, facts)?.name ?? ""),
      let object = argument(0, of: call)
    else { return nil }
    return callee(of: object, facts)?.name == "PyNumber_Index" ? argument(0, of: object) : object
  }

  /// What was read from an object's size on the ways to the end of a block, if nothing could change it
  /// since: loads, and phis that merge them.
  fileprivate func currentSizes(of source: SliceSource, at head: Block.ID) -> Set<Instruction.ID> {
    var loads: Set<Instruction.ID> = []
    var seen: Set<Block.ID> = []
    var pending = [head]
    search: while let block = pending.popLast() {
      guard seen.insert(block).inserted else { continue }
      for id in self[block].instructions.reversed() {
        if isSize(id, of: source) {
          loads.insert(id)
          continue search
        }
        guard onlyLooks(id) else { return [] }
      }
      guard !self[block].predecessors.isEmpty, seen.count < 64 else { return [] }
      pending += self[block].predecessors
    }
    var result = loads
    for block in seen.sorted() {
      for phi in self[block].instructions
      where isPhi(phi) && operands(of: phi).allSatisfy(loads.contains) {
        result.insert(phi)
      }
    }
    return result
  }
}
