import Basics
import IR
import RuntimeModel

extension Function {
  /// Makes one load of the loads of an object's type, or of a slot of it, on several ways.
  ///
  /// ```
  /// %7 = phi %5, %6        (%5 and %6 = load %4 + 8)     →     %7 = load %4 + 8
  /// %9 = phi %5, %6        (of %1 + 8 and %2 + 8)        →     %9 = load %3 + 8
  /// %3 = phi %1, %2
  /// ```
  /// Compilers load `ob_type` and what it points at early where a later use has been threaded through
  /// tests or round a loop. Types and their slots do not change while Cython looks at them.
  ///
  /// - Returns: whether anything changed.
  package mutating func mergeTypeLoads() -> Bool {
    var changed = false
    for block in reversePostorder() {
      let phis = self[block].instructions.filter { isPhi($0) }
      for id in phis where isPhi(id) {
        guard let path = commonPath(mergedIn: id),
          let object = mergedObject(path.objects, among: phis)
        else { continue }
        forward(id, to: load(path.distances, from: object, in: block))
        changed = true
      }
    }
    return changed
  }

  /// Follows pointers from an object, behind the phis of a block.
  private mutating func load(
    _ distances: [UInt64], from object: Instruction.ID, in block: Block.ID
  ) -> Instruction.ID {
    let first = self[block].instructions.first { !isPhi($0) && self[$0].operation != .forward }
    var value = object
    for distance in distances {
      let place = binary(
        .add, value, constant(distance, width: pointerSize), width: pointerSize)
      value =
        first.map { insert(.machine(.load), [place], width: pointerSize, before: $0) }
        ?? append(
          .machine(.load), [place], width: pointerSize, to: block, at: self[block].address)
    }
    return value
  }

  /// The objects, and the distances of the fields on the way from each to what a phi merges, if they
  /// are the same for all and cannot change.
  private func commonPath(
    mergedIn phi: Instruction.ID
  ) -> (objects: [Instruction.ID], distances: [UInt64])? {
    guard isWord(phi), operandCount(of: phi) > 1 else { return nil }
    var objects: [Instruction.ID] = []
    var distances: [UInt64]?
    for value in operands(of: phi) {
      guard let path = typePath(value), distances == nil || distances == path.distances else {
        return nil
      }
      distances = path.distances
      objects.append(path.object)
    }
    return distances.map { (objects, $0) }
  }

  /// The object, and the distances of the fields through which a part of its type was loaded.
  private func typePath(
    _ id: Instruction.ID
  ) -> (object: Instruction.ID, distances: [UInt64])? {
    var paths: [(object: Instruction.ID, distances: [UInt64])] = []
    var distances: [UInt64] = []
    var id = id
    while self[id].operation == .machine(.load), isWord(id), distances.count < 3 {
      let (base, distance) = offset(operand(0, of: id))
      distances.insert(distance, at: 0)
      id = base
      if distance == layout.type, isStaticPath(distances) { paths.append((id, distances)) }
    }
    // A table of methods has a field where objects have their type: the longest way is the true one.
    return paths.last
  }

  /// Whether distances lead to a type, to one of its slots, or into a table of methods.
  private func isStaticPath(_ distances: [UInt64]) -> Bool {
    guard distances.count > 1 else { return true }
    guard let slot = layout.slot(at: distances[1]) else { return false }
    return distances.count == 2 ? slot != .flags && slot != .dictionary : slot.isTable
  }

  /// The object itself if it is always the same, or the phi that merges them on the same ways.
  private func mergedObject(
    _ objects: [Instruction.ID], among phis: [Instruction.ID]
  ) -> Instruction.ID? {
    guard let first = objects.first else { return nil }
    if objects.allSatisfy({ $0 == first }) { return first }
    return phis.first { isPhi($0) && isWord($0) && Array(operands(of: $0)) == objects }
  }
}
