import Analysis
import Basics
import IR
import RuntimeModel
import Simplification

/// Where values are known not to be null, because they were compared with it.
struct NullTests {
  private var arms: [Instruction.ID: [(test: Block.ID, arm: Block.ID)]] = [:]
  private let dominators: DominatorTree
  /// Blocks with one way in.
  private let single: Set<Block.ID>

  init(_ function: borrowing Function, _ flow: ControlFlow) {
    dominators = DominatorTree(flow)
    for block in flow.order {
      guard let site = BranchSite(block, in: function), site.target != site.otherTarget,
        let value = site.valueComparedWithNull(in: function), function.isPhi(value),
        // Only what a helper gives back that was inlined is a result of one step, whatever it merges.
        function.isResultOfInlined(value),
        // The release of a variable asks, too, whether it is bound.
        !function.releases(value, in: site.otherTarget)
      else { continue }
      arms[value, default: []].append((block, site.otherTarget))
    }
    single = Set(flow.order.filter { function[$0].predecessors.count == 1 })
  }

  /// Whether a value is not null where control takes an edge.
  func excludeNull(
    _ value: Instruction.ID, from source: Block.ID, to target: Block.ID, _ flow: ControlFlow
  ) -> Bool {
    guard let places = arms[value] else { return false }
    let position = flow.position(of: source)
    return places.contains { test, arm in
      test == source && arm == target
        || single.contains(arm) && dominators.dominates(flow.position(of: arm), position)
    }
  }
}

/// Everything that a released value may be.
struct ReleasedWeb {
  /// Where it is released.
  var positions: [Int]
  /// The released value and the phis behind it, by the number of phis between.
  var depths: [Instruction.ID: Int]
  /// The values that the phis merge, with the phi and the place from which one comes.
  var entries: [Entry] = []
  /// The phis that they merge, likewise.
  private var mergedPhis: [(value: Instruction.ID, phi: Instruction.ID)] = []

  struct Entry {
    let value: Instruction.ID
    let phi: Instruction.ID
    let position: Int
  }

  init(
    _ value: Instruction.ID, at position: Int, _ function: borrowing Function, _ flow: ControlFlow,
    _ tests: NullTests
  ) {
    positions = [position]
    depths = [value: 0]
    // Phis that are not null where they come from, whatever they merge.
    var present: Set<Instruction.ID> = []
    var pending = [value]
    var next = 0
    while next < pending.count {
      let id = pending[next]
      next += 1
      guard function.isPhi(id), let block = function[id].block else { continue }
      for (index, operand) in function.operands(of: id).enumerated() {
        if function.isNull(operand, from: function[block].predecessors[index], to: block) {
          continue
        }
        if function.isPhi(operand) {
          mergedPhis.append((operand, id))
          let isPresent =
            present.contains(id)
            || tests.excludeNull(
              operand, from: function[block].predecessors[index], to: block, flow)
          guard depths[operand] == nil else {
            if !isPresent, present.remove(operand) != nil { pending.append(operand) }
            continue
          }
          depths[operand] = (depths[id] ?? 0) + 1
          if isPresent { present.insert(operand) }
          pending.append(operand)
        } else if present.contains(id), function.constant(operand) == 0 {
          continue
        } else {
          let edge = flow.position(of: function[block].predecessors[index])
          entries.append(Entry(value: operand, phi: id, position: edge))
        }
      }
    }
    dropEqualValues(function)
    dropFastWays(function)
  }

  /// Leaves out what a helper gives back as it got it, as it is of the right type already.
  ///
  /// ```c
  /// msg = PyUnicode_CheckExact(err) ? __Pyx_NewRef(err) : PyObject_Str(err);
  /// ```
  private mutating func dropFastWays(_ function: borrowing Function) {
    let dropped = entries.indices.filter { index in
      guard let block = function[entries[index].phi].block else { return false }
      return zip(function.operands(of: entries[index].phi), function[block].predecessors)
        .allSatisfy { operand, source in
          operand != entries[index].value
            || function.hasExactType(operand, from: source, to: block)
        }
    }
    for index in dropped.reversed() { entries.remove(at: index) }
  }

  /// Leaves out values that are known to be equal to others of the variable where they come from:
  /// compilers keep the one or the other then.
  private mutating func dropEqualValues(_ function: borrowing Function) {
    let values = Set(entries.map(\.value)).union(depths.keys)
    var equal: [Instruction.ID: Set<Instruction.ID>] = [:]
    for phi in Set(entries.map(\.phi)) {
      guard let block = function[phi].block else { continue }
      for (operand, source) in zip(function.operands(of: phi), function[block].predecessors)
      where values.contains(operand)
        && function.isEqual(operand, toOneOf: values, from: source, to: block)
      {
        equal[phi, default: []].insert(operand)
      }
    }
    entries.removeAll { entry in
      function[entry.phi].block == nil || equal[entry.phi]?.contains(entry.value) == true
    }
  }

  /// The first place from which each value comes into one of some phis.
  func firstEntries(into isOwn: (Instruction.ID) -> Bool) -> [Instruction.ID: Int] {
    var result: [Instruction.ID: Int] = [:]
    for entry in entries where isOwn(entry.phi) {
      result[entry.value] = min(result[entry.value] ?? .max, entry.position)
    }
    return result
  }

  /// The ways by which values come into the variable.
  func ways(
    _ flow: ControlFlow, _ function: borrowing Function, _ isNormal: [Bool]
  ) -> [LocalEvidence.Way] {
    (entries.map { ($0.value, $0.phi) } + mergedPhis).compactMap { value, phi in
      function[phi].block.map {
        LocalEvidence.Way(value: value, phi: phi, isShared: !isNormal[flow.position(of: $0)])
      }
    }
  }

  /// What is released itself.
  var released: Set<Instruction.ID> {
    Set(depths.filter { $0.value == 0 }.keys)
  }

  /// Whether the variable is unbound at first, unlike a parameter.
  func startsUnbound(_ function: borrowing Function) -> Bool {
    for entry in entries where function.constant(entry.value) == 0 { return true }
    return false
  }

  /// The released value, if it merges no others.
  var onlyValue: Instruction.ID? {
    entries.isEmpty && depths.count == 1 ? depths.keys.first : nil
  }

  func shares(phisWith other: ReleasedWeb) -> Bool {
    depths.keys.contains { other.depths[$0] != nil }
  }

  mutating func merge(_ other: ReleasedWeb) {
    positions += other.positions
    depths.merge(other.depths, uniquingKeysWith: min)
    entries += other.entries
    mergedPhis += other.mergedPhis
  }
}

extension Function {
  /// Whether a value comes out of the code of a helper that was inlined, which has addresses of its own.
  fileprivate func isResultOfInlined(_ value: Instruction.ID) -> Bool {
    ([value] + operands(of: value)).contains { part in
      guard isPhi(part), let block = self[part].block else { return false }
      return self[block].address >> 48 != 0
    }
  }

  /// Whether a value is released in a block or right behind it.
  fileprivate func releases(_ value: Instruction.ID, in block: Block.ID) -> Bool {
    var pending = [block]
    var next = 0
    while next < pending.count, next < 6 {
      let block = pending[next]
      next += 1
      for id in self[block].instructions {
        if case .referenceCount(let change) = self[id].operation, change < 0,
          operand(0, of: id) == value
        {
          return true
        }
      }
      pending += successors(of: block).filter { self[$0].predecessors.count == 1 }
    }
    return false
  }

  /// Whether a value was found to be equal to another one, which got its value before, on the only way
  /// by which control takes an edge.
  fileprivate func isEqual(
    _ id: Instruction.ID, toOneOf others: Set<Instruction.ID>, from block: Block.ID,
    to target: Block.ID
  ) -> Bool {
    var (block, target) = (block, target)
    for _ in 0..<8 {
      if let site = BranchSite(block, in: self), site.target == target, site.otherTarget != target,
        case .equal(let left, let right) = site.condition.form, left == id || right == id
      {
        let other = left == id ? right : left
        return constant(other) == nil && other < id && others.contains(other)
      }
      guard self[block].predecessors.count == 1 else { return false }
      (block, target) = (self[block].predecessors[0], block)
    }
    return false
  }

  /// Whether an object was found to be of a certain type on the only way by which control takes an edge.
  fileprivate func hasExactType(
    _ id: Instruction.ID, from block: Block.ID, to target: Block.ID
  ) -> Bool {
    var (block, target) = (block, target)
    for _ in 0..<8 {
      if let site = BranchSite(block, in: self), site.target == target, site.otherTarget != target,
        case .equal(let left, let right) = site.condition.form,
        isType(left, of: id) && constant(right) != nil
          || isType(right, of: id) && constant(left) != nil
      {
        return true
      }
      guard self[block].predecessors.count == 1 else { return false }
      (block, target) = (self[block].predecessors[0], block)
    }
    return false
  }

  private func isType(_ type: Instruction.ID, of object: Instruction.ID) -> Bool {
    guard self[type].operation == .machine(.load) else { return false }
    let (base, offset) = self.offset(operand(0, of: type))
    return base == object && offset == layout.type
  }

  /// Whether a value was found to be null on every way by which control takes an edge.
  ///
  /// Compilers use such a value for a variable that is not bound yet.
  fileprivate func isNull(
    _ id: Instruction.ID, from block: Block.ID, to target: Block.ID
  ) -> Bool {
    var pending = [(block, target)]
    var seen: Set<Block.ID> = []
    while let (block, target) = pending.popLast() {
      if let site = BranchSite(block, in: self), site.valueComparedWithNull(in: self) == id {
        guard site.target == target, site.otherTarget != target else { return false }
        continue
      }
      guard seen.insert(block).inserted else { continue }
      let predecessors = self[block].predecessors
      guard seen.count < 64, self[id].block != block, !predecessors.isEmpty else { return false }
      pending += predecessors.map { ($0, block) }
    }
    return true
  }
}
