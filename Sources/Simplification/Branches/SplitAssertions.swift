package import IR

extension Function {
  /// Tests the flag of assertions in front of what is asserted, where both are tested at once.
  ///
  /// ```c
  /// if (unlikely(__pyx_assertions_enabled())) { if (unlikely(!found)) …
  /// ```
  /// ```
  /// branch (flag or found) == 0, b1, b2     →     branch flag == 0, b3, b2
  ///                                         b3:   branch found == 0, b1, b2
  /// ```
  /// Where `found` is a C number, compilers ask both for zero in one step.
  ///
  /// - Returns: whether anything was split.
  package mutating func splitAssertions(_ facts: any ModuleFacts) -> Bool {
    var changed = false
    for block in reversePostorder() {
      guard let site = BranchSite(block, in: self), site.target != site.otherTarget,
        let joined = site.valueComparedWithNull(in: self),
        let (opcode, left, right) = machine(joined), opcode == .or,
        let flag = [left, right].first(where: {
          loadedAddress($0).flatMap(facts.variable) == "Py_OptimizeFlag"
        })
      else { continue }
      func isZero(_ value: Instruction.ID) -> Instruction.ID {
        binary(.equal, value, constant(0, width: size(value)), width: 1)
      }
      let asserted = flag == left ? right : left
      separate(
        isZero(flag), isZero(asserted), isEither: false, at: block, site.target, site.otherTarget)
      changed = true
    }
    return changed
  }
}
