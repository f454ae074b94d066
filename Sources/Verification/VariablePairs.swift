import BinaryFormats
import IR
import ModuleRecovery
import Raising

/// Which variables of C stand for each other in two functions that are compared.
///
/// Static variables and the parts of a frame lie elsewhere in each binary. Each has one counterpart, so that
/// two of them are never taken for one.
struct VariablePairs {
  private var statics: [UInt64: UInt64] = [:]
  private var isStatic: Set<UInt64> = []
  private var slots: [UInt64: UInt64] = [:]
  private var isSlot: Set<UInt64> = []

  /// Terms nest this deep at most.
  private static let depthLimit = 12

  /// Whether two terms are the same but for where variables lie.
  mutating func match(
    _ one: Term.ID, _ other: Term.ID, _ terms: TermTable, _ left: FunctionSide,
    _ right: FunctionSide, depth: Int = 0
  ) -> Bool {
    if one == other { return true }
    guard depth < Self.depthLimit else { return false }
    let (first, second) = (terms[one], terms[other])
    if let address = terms.number(one), let counterpart = terms.number(other) {
      return left.hasText(at: address, of: right, at: counterpart)
        || left.isStatic(address) && right.isStatic(counterpart)
          && Self.pair(address, counterpart, &statics, &isStatic)
    }
    guard first.kind == second.kind, first.operands.count == second.operands.count,
      !first.operands.isEmpty
    else { return false }
    if let slot = left.frameOffset(first, terms), let counterpart = right.frameOffset(second, terms)
    {
      return Self.pair(slot, counterpart, &slots, &isSlot)
    }
    return zip(first.operands, second.operands).allSatisfy {
      match($0, $1, terms, left, right, depth: depth + 1)
    }
  }

  private static func pair(
    _ one: UInt64, _ other: UInt64, _ pairs: inout [UInt64: UInt64], _ taken: inout Set<UInt64>
  ) -> Bool {
    if let known = pairs[one] { return known == other }
    guard taken.insert(other).inserted else { return false }
    pairs[one] = other
    return true
  }
}

extension FunctionSide {
  /// Whether the same C string stands at two addresses.
  fileprivate func hasText(at address: UInt64, of side: FunctionSide, at other: UInt64) -> Bool {
    let (image, counterpart) = (raiser.program.image, side.raiser.program.image)
    guard image.isConstant(address), counterpart.isConstant(other),
      let text = image.cString(at: address, limit: 4096), text.count > 2,
      let same = counterpart.cString(at: other, limit: 4096)
    else { return false }
    return text.elementsEqual(same) && text.allSatisfy { 9...126 ~= $0 }
  }

  /// Whether a number is the address of a static variable.
  fileprivate func isStatic(_ address: UInt64) -> Bool {
    guard let segment = raiser.program.image.segment(containing: address) else { return false }
    return segment.isWritable && !segment.isExecutable && raiser.objectKey(address) == nil
  }

  /// Where in the frame an address is: `entry register sp + number`.
  fileprivate func frameOffset(_ term: Term, _ terms: TermTable) -> UInt64? {
    guard case .machine(.add, _) = term.kind, term.operands.count == 2,
      let number = terms.number(term.operands[1]),
      terms[term.operands[0]].kind == .pure(stackPointerKey)
    else { return nil }
    return number
  }

  private var stackPointerKey: String {
    "entry \(Cell.Kind.register) \(raiser.program.machine.stackPointer.offset)"
  }
}
