import Basics
import IR
import Simplification

extension Raiser {
  /// Takes the items of an iterator apart in one place, where the compiler took the first step of the
  /// iteration out of the loop and the taking apart with it.
  ///
  /// ```
  /// A: x = next(it); if !x: goto end               A: x = next(it); if !x: goto end
  /// B: a, b = x; goto body                         U: z = phi x, y; a, b = z; goto body
  /// C: y = next(it); if !y: goto end          →    C: y = next(it); if y: goto U else: goto end
  /// D: c, d = y; goto body
  /// body: k = phi a, c; …                          body: …
  /// ```
  /// - Returns: whether there was one.
  func joinPeeledUnpackings() -> Bool {
    for block in function.reversePostorder() {
      let sources = function[block].predecessors
      guard sources.count > 1, Set(sources).count == sources.count else { continue }
      let parts = sources.compactMap { unpackedItem($0) }
      guard let first = parts.first, parts.count == sources.count,
        parts.allSatisfy({
          $0.test.iterator == first.test.iterator && $0.test.end == first.test.end
            && function[$0.unpack].operation == function[first.unpack].operation
        }),
        let phis = phis(of: block, parts)
      else { continue }
      join(parts, phis, before: block)
      return true
    }
    return false
  }

  /// A block that takes an item apart, behind the test whether there is one, and does nothing else.
  private struct UnpackedItem {
    let test: IterationTest
    let block: Block.ID
    let unpack: Instruction.ID
    /// What was taken out, and from which position.
    let elements: [Instruction.ID: UInt16]
  }

  /// What a phi behind several such blocks merges.
  private enum MergedPart {
    case element(UInt16)
    case values([Instruction.ID])
  }

  private func unpackedItem(_ block: Block.ID) -> UnpackedItem? {
    guard case .jump = function[block].terminator, function[block].predecessors.count == 1,
      let test = iterationTest(function[block].predecessors[0]), test.body == block
    else { return nil }
    var unpack: Instruction.ID?
    var elements: [Instruction.ID: UInt16] = [:]
    for id in function[block].instructions {
      switch function[id].operation {
      case .referenceCount, .undefined: continue
      case .python(.unpack):
        guard unpack == nil, function.operand(0, of: id) == test.step else { return nil }
        unpack = id
      case .python(.element(let position)):
        guard function.operand(0, of: id) == unpack else { return nil }
        elements[id] = position
      default: return nil
      }
    }
    guard let unpack else { return nil }
    return UnpackedItem(test: test, block: block, unpack: unpack, elements: elements)
  }

  /// What the phis of a block merge; nil if one merges an element with anything else, or takes more of
  /// the block that it comes from.
  private func phis(
    of block: Block.ID, _ parts: [UnpackedItem]
  ) -> [(phi: Instruction.ID, merged: MergedPart)]? {
    var result: [(phi: Instruction.ID, merged: MergedPart)] = []
    for phi in function[block].instructions where function.isPhi(phi) {
      let operands = function.operands(of: phi)
      guard operands.count == parts.count else { return nil }
      let positions = zip(operands, parts).map { $1.elements[$0] }
      if let position = positions[0], positions.allSatisfy({ $0 == position }) {
        result.append((phi, .element(position)))
        continue
      }
      let areFromBefore = zip(operands, parts).allSatisfy {
        function[$0].block != $1.block && $0 != $1.test.step
      }
      guard areFromBefore else { return nil }
      result.append((phi, .values(operands)))
    }
    return result
  }

  private func join(
    _ parts: [UnpackedItem], _ phis: [(phi: Instruction.ID, merged: MergedPart)],
    before body: Block.ID
  ) {
    let width = function.pointerSize
    let block = function.appendBlock(address: function[body].address)
    let item = function.appendPhi(width: width, to: block)
    var columns = [parts.map(\.test.step)]
    var merged: [Instruction.ID: Instruction.ID] = [:]
    for case (let phi, .values(let values)) in phis {
      merged[phi] = function.appendPhi(width: function.size(phi), to: block)
      columns.append(values)
    }
    let first = parts[0].unpack
    let unpack = function.append(
      function[first].operation, [item], width: width, to: block, at: function[first].address)
    repeatSite(of: first, for: unpack)
    var elements: [UInt16: Instruction.ID] = [:]
    for case (let phi, .element(let position)) in phis {
      let element =
        elements[position]
        ?? function.append(
          .python(.element(position)), [unpack], width: width, to: block,
          at: function[first].address)
      elements[position] = element
      merged[phi] = element
    }
    function.terminate(block, with: .jump(body))
    for (phi, _) in phis {
      guard let value = merged[phi] else { continue }
      function.setOperands(of: phi, function.operands(of: phi) + [value])
    }
    for (index, part) in parts.enumerated() {
      function.moveEdge(
        from: part.test.block, to: part.block, to: block, columns.map { $0[index] })
    }
    function.removeUnreachableBlocks()
    while function.removeTrivialPhis() {}
    function.removeForwarded()
  }
}
