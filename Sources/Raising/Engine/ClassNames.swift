import Basics
import IR
import RuntimeModel
import Simplification

// Names that the body of a class reads.
extension Raiser {
  /// Reads a name of a class body that may be a global as well.
  ///
  /// ```
  /// %7 = item %4, 'n'                 (%4 is the namespace of a class)
  /// if %7 == 0: %8 = global n         →     %9 = className n %4
  /// %9 = phi %7, %8
  /// ```
  /// `__Pyx_GetNameInClass` in `Cython/Utility/ObjectHandling.c`, where it was inlined.
  ///
  /// - Returns: whether anything changed.
  func raiseClassNames() -> Bool {
    for block in function.reversePostorder() where raiseClassName(block) { return true }
    return false
  }

  private func raiseClassName(_ block: Block.ID) -> Bool {
    guard let site = BranchSite(block, in: function),
      let value = site.valueComparedWithNull(in: function), operation(value) == .item,
      case .classNamespace? = operation(function.operand(0, of: value)),
      let name = name(function.operand(1, of: value)),
      case .jump(let join) = function[site.target].terminator,
      function[site.target].predecessors == [block], isLookup(site.target, of: name),
      let missing = function[join].predecessors.firstIndex(of: site.target)
    else { return false }
    // Blocks without steps may lie on the other way.
    var (from, next) = (block, site.otherTarget)
    while next != join {
      guard function[next].predecessors == [from], function[next].instructions.isEmpty,
        case .jump(let target) = function[next].terminator
      else { return false }
      (from, next) = (next, target)
    }
    guard let found = function[join].predecessors.firstIndex(of: from) else { return false }
    for phi in function[join].instructions where function.isPhi(phi) {
      let (one, other) = (function.operand(found, of: phi), function.operand(missing, of: phi))
      guard
        one == other || one == value && operation(other) == .global(name)
          || isLeftover(one) && isLeftover(other)
      else { return false }
    }
    function.decideBranch(of: block, taken: !site.condition.isPositive)
    function.removeUnreachableBlocks()
    while function.removeTrivialPhis() {}
    return become(value, .className(name), [function.operand(0, of: value)])
  }

  /// Whether a value is what happens to be in a register.
  private func isLeftover(_ id: Instruction.ID) -> Bool {
    switch function[id].operation {
    case .undefined, .after: true
    default: false
    }
  }

  /// Whether a block does nothing but look a global up.
  private func isLookup(_ block: Block.ID, of name: Symbol) -> Bool {
    function[block].instructions.allSatisfy { id in
      switch function[id].operation {
      case .python(let operation): operation == .global(name)
      case .call: function.callee(of: id, view)?.name == "PyErr_Clear"
      case .referenceCount, .undefined: true
      default: false
      }
    }
  }
}
