import Basics
package import IR

/// Takes branches away that mean nothing in Python, until none is left.
package struct PruneBranches {
  private let rules: [BranchRule]
  /// What the rules go by; callers bring it up to date between runs.
  package var context: BranchContext
  /// The error sites that were found, by the block and the value that was tested there.
  package private(set) var sites: [PrunedError] = []
  /// How often each rule applied.
  package private(set) var counts: [String: Int] = [:]
  /// Whether one more rewrite may be made.
  package var spend: () -> Bool = { true }

  /// An error edge that was taken away.
  package struct PrunedError: Sendable {
    package let block: Block.ID
    package let condition: Instruction.ID
    package let site: ErrorSite?
    /// The decision that opens the body whose handlers or clause get the error.
    package var handler: Instruction.ID?
    /// The decisions of the `try` statements that the error leaves.
    package var left: [Instruction.ID] = []

    package init(block: Block.ID, condition: Instruction.ID, _ end: ErrorEnd) {
      self.block = block
      self.condition = condition
      site = end.site
      handler = end.handler
      left = end.left
    }
  }

  package init(_ rules: [BranchRule] = BranchRule.all, context: BranchContext) {
    self.rules = rules
    self.context = context
  }

  /// Decides every branch that a rule knows, once over.
  ///
  /// - Returns: whether any branch was decided.
  package mutating func run(on function: inout Function) -> Bool {
    var changed = false
    for block in function.reversePostorder() where visit(block, &function) { changed = true }
    if changed { function.removeUnreachableBlocks() }
    return changed
  }

  private mutating func visit(_ block: Block.ID, _ function: inout Function) -> Bool {
    guard case .branch(let condition, let first, let second) = function[block].terminator,
      !function.opensBody(function.resolve(condition)),
      let site = BranchSite(block, in: function)
    else { return false }
    for rule in rules {
      guard let keepsFirst = rule.keepsFirstArm(site, function, context) else { continue }
      guard spend() else { return false }
      let removed = keepsFirst ? second : first
      if context.errors.fails(from: block, to: removed, in: function) {
        let end = context.errors.end(from: block, to: removed, in: function)
        sites.append(PrunedError(block: block, condition: function.resolve(condition), end))
      }
      if let value = site.valueComparedWithNull(in: function),
        (keepsFirst ? first : second) == site.otherTarget
      {
        context.nonNull.insert(value)
      }
      function.decideBranch(of: block, taken: keepsFirst)
      counts[rule.name, default: 0] += 1
      return true
    }
    return false
  }
}
