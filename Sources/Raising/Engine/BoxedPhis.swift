import IR

// Numbers that become objects on several ways.
extension Raiser {
  /// Makes an object of a number where ways meet, if each makes one of the same number.
  ///
  /// ```
  /// b0: %3 = boxInteger %1                    b0: …
  /// b1: %4 = boxInteger %1             →      b1: …
  /// b2 from b0, b1: %5 = phi %3, %4           b2 from b0, b1: %5 = boxInteger %1
  /// ```
  /// Compilers turn `while x < n:` round, so that `n` becomes an object before the loop and at its end.
  ///
  /// - Returns: whether there was such a phi.
  func joinBoxedNumbers() -> Bool {
    for block in function.reversePostorder() {
      for phi in function[block].instructions where function.isPhi(phi) {
        let boxed = function.operands(of: phi)
        guard boxed.count > 1, let first = boxed.first, operation(first) == .boxInteger,
          case let number = function.operand(0, of: first),
          boxed.allSatisfy({
            operation($0) == .boxInteger && function.operand(0, of: $0) == number
              && isRead($0, onlyBy: phi)
          }),
          let place = function[block].instructions.first(where: { !function.isPhi($0) })
        else { continue }
        let joined = function.insert(
          .python(.boxInteger), [number], width: function.pointerSize, before: place)
        repeatSite(of: first, for: joined)
        function.forward(phi, to: joined)
        function.removeForwarded()
        return true
      }
    }
    return false
  }

  private func isRead(_ id: Instruction.ID, onlyBy reader: Instruction.ID) -> Bool {
    for block in function.reversePostorder() {
      for other in function[block].instructions
      where other != reader && function.operands(of: other).contains(id) {
        guard case .referenceCount = function[other].operation else { return false }
      }
      if let end = function[block].terminator.value, function.resolve(end) == id { return false }
    }
    return true
  }
}
