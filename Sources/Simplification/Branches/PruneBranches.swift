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
  /// The objects that were asked whether anything else refers to them.
  package private(set) var unique: Set<Instruction.ID> = []
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
    /// What variables hold when the error gets to the handler, by what stands for them there.
    package let held: [(held: Instruction.ID, value: Instruction.ID)]

    package init(block: Block.ID, condition: Instruction.ID, _ end: ErrorEnd) {
      self.block = block
      self.condition = condition
      site = end.site
      handler = end.handler
      left = end.left
      held = end.held
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
      guard let keepsFirst = rule.keepsFirstArm(site, function, context) else {
        if rule.name == BranchRule.assertions.name,
          let flag = function.assertionFlag(site, context.facts)
        {
          context.debugTests.insert(flag.load)
        }
        continue
      }
      guard spend() else { return false }
      let removed = keepsFirst ? second : first
      if let end = end(from: block, to: removed, function) {
        sites.append(PrunedError(block: block, condition: function.resolve(condition), end))
      }
      // What the flag of assertions is, is not known: it may be asked again, with arms of another meaning.
      if let value = site.valueComparedWithNull(in: function),
        (keepsFirst ? first : second) == site.otherTarget, rule.name != BranchRule.assertions.name,
        !function.isInteger(value, context.facts)
      {
        context.nonNull.insert(value)
      }
      if let status = site.valueComparedWithNull(in: function), rule.name == BranchRule.error.name,
        (keepsFirst ? first : second) == site.target, function.isInteger(status, context.facts)
      {
        context.zero.insert(status)
      }
      if let object = function.objectOfCount(site.condition) { unique.insert(object) }
      function.decideBranch(of: block, taken: keepsFirst)
      counts[rule.name, default: 0] += 1
      return true
    }
    return false
  }

  /// Where the error goes of a step whose arm is taken away; one that looks further is followed to the
  /// error that it makes if it finds nothing.
  private func end(
    from block: Block.ID, to removed: Block.ID, _ function: borrowing Function
  ) -> ErrorEnd? {
    if context.errors.fails(from: block, to: removed, in: function) {
      return context.errors.end(from: block, to: removed, in: function)
    }
    guard let site = BranchSite(block, in: function), site.target == removed,
      let found = site.valueComparedWithNull(in: function),
      function.isModuleLookup(found, context.facts)
    else { return nil }
    let behind = Set(blocks(from: site.otherTarget, avoiding: [], function))
    for place in blocks(from: removed, avoiding: behind, function) {
      for target in function.successors(of: place)
      where context.errors.fails(from: place, to: target, in: function) {
        return context.errors.end(from: place, to: target, in: function)
      }
    }
    return nil
  }

  /// Some of the blocks to which control gets from one, the next ones first.
  private func blocks(
    from start: Block.ID, avoiding avoided: Set<Block.ID>, _ function: borrowing Function
  ) -> [Block.ID] {
    var result = [start]
    var next = 0
    while next < result.count, result.count < 16 {
      for target in function.successors(of: result[next])
      where !avoided.contains(target) && !result.contains(target) {
        result.append(target)
      }
      next += 1
    }
    return result
  }
}
