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
  /// tests or round a loop. Types and their slots do not change while Cython looks at them, nor do the
  /// flags that tell what a type is derived from, of which parts may be loaded or taken.
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
        let width = path.part == nil ? size(id) : path.width
        let whole = load(path.distances, from: object, width: width, in: block)
        forward(id, to: path.part.map { extract(whole, $0, width: size(id)) } ?? whole)
        changed = true
      }
    }
    return changed
  }

  /// Follows pointers from an object, behind the phis of a block.
  private mutating func load(
    _ distances: [UInt64], from object: Instruction.ID, width: Int, in block: Block.ID
  ) -> Instruction.ID {
    let first = self[block].instructions.first { !isPhi($0) && self[$0].operation != .forward }
    var value = object
    for (index, distance) in distances.enumerated() {
      let width = index == distances.count - 1 ? width : pointerSize
      let place = binary(
        .add, value, constant(distance, width: pointerSize), width: pointerSize)
      value =
        first.map { insert(.machine(.load), [place], width: width, before: $0) }
        ?? append(.machine(.load), [place], width: width, to: block, at: self[block].address)
    }
    return value
  }

  /// The objects, and the distances of the fields on the way from each to what a phi merges, if they
  /// are the same for all and cannot change.
  private func commonPath(
    mergedIn phi: Instruction.ID
  ) -> Path? {
    guard operandCount(of: phi) > 1 else { return nil }
    var result: Path?
    for value in operands(of: phi) {
      let (loaded, part) = whole(value)
      // Parts of what types point at are looked into, not of the pointers.
      guard let path = typePath(loaded), isWord(loaded) || path.distances.count > 1 else {
        return nil
      }
      let own = Path(
        objects: [path.object], distances: path.distances, part: part, width: size(loaded))
      guard let known = result else {
        result = own
        continue
      }
      guard own.distances == known.distances, own.part == known.part, own.width == known.width
      else { return nil }
      result?.objects += own.objects
    }
    return result
  }

  /// The objects of which the same is loaded, and the way to it.
  private struct Path {
    var objects: [Instruction.ID]
    let distances: [UInt64]
    /// The place of the bytes that are taken of what was loaded; nil for all of them.
    let part: Int?
    /// How many bytes are loaded.
    let width: Int
  }

  /// What a value is a part of, and where in it.
  private func whole(_ id: Instruction.ID) -> (Instruction.ID, part: Int?) {
    guard let (opcode, inner, position) = machine(id), opcode == .extract,
      let place = constant(position)
    else { return (id, nil) }
    return (inner, Int(clamping: place))
  }

  /// The object, and the distances of the fields through which a part of its type was loaded.
  private func typePath(
    _ id: Instruction.ID
  ) -> (object: Instruction.ID, distances: [UInt64])? {
    var paths: [(object: Instruction.ID, distances: [UInt64])] = []
    var distances: [UInt64] = []
    var id = id
    while self[id].operation == .machine(.load), isWord(id) || distances.isEmpty,
      distances.count < 3
    {
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
    let flags = layout.typeFlags..<layout.typeFlags + layout.words(1)
    if distances.count == 2, flags.contains(distances[1]) { return true }
    guard let slot = layout.slot(at: distances[1]) else { return false }
    return distances.count == 2 ? slot != .dictionary : slot.isTable
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
