import IR
import RuntimeModel
import Testing

private let layout = ObjectLayout(PythonVersion(3, 11), pointerSize: 8)

struct AlgebraTests {
  @Test func foldsConstants() {
    var function = Function(address: 0, layout: layout)
    let two = function.constant(2, width: 4)
    let three = function.constant(3, width: 4)
    let sum = function.binary(.add, two, three, width: 4)
    #expect(function.constant(sum) == 5)
  }

  @Test func wrapsAroundAtTheWidth() {
    var function = Function(address: 0, layout: layout)
    let all = function.constant(0xFF, width: 1)
    let one = function.constant(1, width: 1)
    let sum = function.binary(.add, all, one, width: 1)
    #expect(function.constant(sum) == 0)
  }

  @Test func equalStepsAreOneInstruction() {
    var function = Function(address: 0, layout: layout)
    let cell = function.entry(Cell(.register, offset: 8), width: 8)
    let four = function.constant(4, width: 8)
    let first = function.binary(.add, cell, four, width: 8)
    let second = function.binary(.add, four, cell, width: 8)
    #expect(first == second)
  }

  @Test func divisionByZeroIsNotFolded() {
    var function = Function(address: 0, layout: layout)
    let one = function.constant(1, width: 4)
    let zero = function.constant(0, width: 4)
    let quotient = function.binary(.divide, one, zero, width: 4)
    #expect(function.constant(quotient) == nil)
  }
}

struct BlockTests {
  /// ```
  /// b0: branch → b1, b2      b0: jump b1
  /// b1: jump b3          →   b1: …
  /// b2: jump b3
  /// ```
  @Test func decidedBranchesLoseTheOtherArm() {
    var function = Function(address: 0, layout: layout)
    let blocks = (0..<4).map { function.appendBlock(address: UInt64($0)) }
    let condition = function.entry(Cell(.register, offset: 0), width: 1)
    function.terminate(blocks[0], with: .branch(condition, blocks[1], blocks[2]))
    function.terminate(blocks[1], with: .jump(blocks[3]))
    function.terminate(blocks[2], with: .jump(blocks[3]))
    function.terminate(blocks[3], with: .return(condition))
    function.decideBranch(of: blocks[0], taken: true)
    function.removeUnreachableBlocks()
    #expect(function.reversePostorder() == [blocks[0], blocks[1], blocks[3]])
    function.joinStraightBlocks()
    #expect(function.reversePostorder() == [blocks[0]])
  }

  @Test func emptyArmsVanish() {
    var function = Function(address: 0, layout: layout)
    let blocks = (0..<4).map { function.appendBlock(address: UInt64($0)) }
    let condition = function.entry(Cell(.register, offset: 0), width: 1)
    function.terminate(blocks[0], with: .branch(condition, blocks[1], blocks[2]))
    function.terminate(blocks[1], with: .jump(blocks[3]))
    function.terminate(blocks[2], with: .jump(blocks[3]))
    function.terminate(blocks[3], with: .return(condition))
    while function.removeIdleBlocks() {}
    function.joinStraightBlocks()
    #expect(function.reversePostorder() == [blocks[0]])
  }
}

struct OrderTests {
  /// `x + 4 < 8 or x == 4` is `x + 4 <= 8`: the equality was simplified first.
  @Test func ordersAreJoinedWithEqualitiesOfOtherForm() {
    var function = Function(address: 0, layout: layout)
    let value = function.entry(Cell(.register, offset: 8), width: 8)
    let sum = function.binary(.add, value, function.constant(4, width: 8), width: 8)
    let bound = function.constant(8, width: 8)
    let less = function.binary(.less, sum, bound, width: 1)
    let equal = function.binary(.equal, sum, bound, width: 1)
    let either = function.binary(.booleanOr, less, equal, width: 1)
    #expect(either == function.binary(.lessOrEqual, sum, bound, width: 1))
  }

  /// `zext(x) < 4 or x == 4` is `zext(x) <= 4`: clang compares the wider copy that it looks a target up
  /// with.
  @Test func ordersAreJoinedWithEqualitiesOfNarrowerValues() {
    var function = Function(address: 0, layout: layout)
    let value = function.entry(Cell(.register, offset: 8), width: 4)
    let wide = function.unary(.zeroExtend, value, width: 8)
    let bound = function.constant(4, width: 8)
    let less = function.binary(.less, wide, bound, width: 1)
    let equal = function.binary(.equal, wide, bound, width: 1)
    let either = function.binary(.booleanOr, less, equal, width: 1)
    #expect(either == function.binary(.lessOrEqual, wide, bound, width: 1))
  }
}

struct PhiTests {
  /// ```
  /// b0: branch → b1, b2      b1, b2: jump b3      b3: %a = phi 1, x   %b = phi 1, x   return %b
  /// ```
  @Test func phisOfOneBlockThatMergeTheSameAreOne() {
    var function = Function(address: 0, layout: layout)
    let blocks = (0..<4).map { function.appendBlock(address: UInt64($0)) }
    let condition = function.entry(Cell(.register, offset: 8), width: 1)
    let value = function.entry(Cell(.register, offset: 16), width: 8)
    let one = function.constant(1, width: 8)
    function.terminate(blocks[0], with: .branch(condition, blocks[1], blocks[2]))
    function.terminate(blocks[1], with: .jump(blocks[3]))
    function.terminate(blocks[2], with: .jump(blocks[3]))
    let first = function.appendPhi(width: 8, to: blocks[3])
    let second = function.appendPhi(width: 8, to: blocks[3])
    function.setOperands(of: first, [one, value])
    function.setOperands(of: second, [one, value])
    function.terminate(blocks[3], with: .return(second))
    let changed = function.mergeEqualPhis()
    #expect(changed)
    #expect(function.resolve(first) == function.resolve(second))
    let again = function.mergeEqualPhis()
    #expect(!again)
  }

  @Test func conditionsMadeOfCarriesAreConditions() {
    var function = Function(address: 0, layout: layout)
    let value = function.entry(Cell(.register, offset: 8), width: 4)
    let isZero = function.binary(.equal, value, function.constant(0, width: 4), width: 1)
    let bit = function.unary(.zeroExtend, isZero, width: 4)
    let negated = function.binary(.subtract, function.constant(0, width: 4), value, width: 4)
    let sum = function.binary(.add, value, bit, width: 4)
    #expect(function.binary(.add, negated, sum, width: 4) == bit)
    let nothing = function.binary(.add, value, negated, width: 4)
    #expect(function.constant(nothing) == 0)
  }

  @Test func boundsOnTheLeftAreStrict() {
    var function = Function(address: 0, layout: layout)
    let value = function.entry(Cell(.register, offset: 8), width: 4)
    let eight = function.constant(8, width: 4)
    let above = function.binary(.lessOrEqual, eight, value, width: 1)
    let other = function.binary(.notEqual, value, eight, width: 1)
    let both = function.binary(.booleanAnd, above, other, width: 1)
    #expect(both == function.binary(.less, eight, value, width: 1))
  }

  @Test func bitsThatAreSetAreNotZero() {
    var function = Function(address: 0, layout: layout)
    let value = function.entry(Cell(.register, offset: 8), width: 8)
    let four = function.constant(4, width: 8)
    let either = function.binary(.or, value, four, width: 8)
    let zero = function.constant(0, width: 8)
    let isZero = function.binary(.equal, either, zero, width: 1)
    let isOther = function.binary(.notEqual, either, zero, width: 1)
    #expect(function.constant(isZero) == 0)
    #expect(function.constant(isOther) == 1)
  }
}
