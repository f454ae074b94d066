import Basics
import IR
import Interpretation
import ModuleRecovery
import RuntimeModel
import Simplification

// Sizes of objects whose type is known to Cython.
extension Raiser {
  /// Reads the size of a list, a tuple, a text and the like from the field in which it lies.
  ///
  /// ```
  /// %5 = load %4 + 16; if %5 == 0: …     →     if not %4: …
  /// %5 = load %4 + 16; if %5 > 2: …      →     if len(%4) > 2: …
  /// ```
  /// `CoerceToBooleanNode` in `Cython/Compiler/ExprNodes.py` and `_handle_simple_function_len` in
  /// `Optimize.py`. The latter also asks for -1, which `len` would return after an error.
  func raiseSizes() {
    guard !program.extensionTypes.hasNumberFirst(function.layout) else { return }
    let readers = readersOfLoads()
    let taken = objectsTakenApart()
    for block in function.reversePostorder() {
      for id in function[block].instructions {
        guard let uses = readers[id], !uses.isEmpty, let object = sizedObject(id),
          !taken.contains(object)
        else { continue }
        let tests = uses.filter { comparesWithZero($0, id) }
        sizedObjects.insert(object)
        if tests.count == uses.count, !lengths.contains(id) {
          if tests.contains(where: { laterEnd(deciding: $0, behind: id) != nil }) {
            testTruth(of: object, before: id, tests)
          } else {
            become(id, .truth, [object])
          }
        } else if uses.allSatisfy({ isNumeric($0, id) }) {
          if tests.count < uses.count { testTruth(of: object, before: id, tests) }
          let others = tests.count < uses.count ? uses.filter { !tests.contains($0) } : uses
          become(id, .entryCount, [object])
          for use in others { countLater(id, of: object, for: use) }
        }
      }
    }
  }

  /// Lets tests for zero ask an object itself where they decide something: its size was loaded once for
  /// them and for `len`, or before another test.
  private func testTruth(
    of object: Instruction.ID, before step: Instruction.ID, _ tests: [Instruction.ID]
  ) {
    var truth: Instruction.ID?
    for test in tests {
      guard let opcode = function.machine(test)?.opcode else { continue }
      let asked: Instruction.ID
      if let end = laterEnd(deciding: test, behind: step) {
        asked = function.append(
          .python(.truth), [object], width: function.pointerSize, to: end,
          at: function[step].address)
      } else {
        asked =
          truth
          ?? function.insert(
            .python(.truth), [object], width: function.pointerSize, before: step)
        truth = asked
      }
      function.forward(test, to: function.binary(opcode, asked, null, width: 1))
    }
  }

  /// The only block that a condition decides, if it stands further down than a step and nothing happens in
  /// between.
  private func laterEnd(deciding condition: Instruction.ID, behind step: Instruction.ID) -> Block
    .ID?
  {
    guard function[condition].block == nil else { return nil }
    let ends = function.reversePostorder().filter { block in
      function[block].terminator.value.map { function.resolve($0) == condition } ?? false
    }
    guard ends.count == 1, ends[0] != function[step].block, isIdle(from: step, to: ends[0]) else {
      return nil
    }
    return ends[0]
  }

  /// The objects whose digits or characters are read: what is done with their size then is a part of
  /// some faster way.
  private func objectsTakenApart() -> Set<Instruction.ID> {
    var result: Set<Instruction.ID> = []
    for block in function.reversePostorder() {
      for id in function[block].instructions where function[id].operation == .machine(.load) {
        let (object, field) = function.offset(function.operand(0, of: id))
        if field > function.layout.size, !function.isWord(id) { result.insert(object) }
      }
    }
    return result
  }

  /// Counts once more for a condition further down, if nothing happens in between.
  private func countLater(
    _ count: Instruction.ID, of object: Instruction.ID, for use: Instruction.ID
  ) {
    guard let (opcode, left, right) = function.machine(use),
      let end = laterEnd(deciding: use, behind: count)
    else { return }
    let later = function.append(
      .python(.entryCount), [object], width: function.pointerSize, to: end,
      at: function[count].address)
    let condition = function.binary(
      opcode, left == count ? later : left, right == count ? later : right, width: 1)
    function.setValue(ofTerminator: end, to: condition)
  }

  /// Whether there is only one way from a step to a block's end, on which nothing changes.
  func isIdle(from step: Instruction.ID, to end: Block.ID) -> Bool {
    var block = end
    for _ in 0..<8 where block != function[step].block {
      guard function[block].predecessors.count == 1,
        function[block].instructions.allSatisfy({ isIdle($0) })
      else { return false }
      block = function[block].predecessors[0]
    }
    guard block == function[step].block else { return false }
    let behind = function[block].instructions.drop { $0 != step }
    return behind.dropFirst().allSatisfy { isIdle($0) }
  }

  func isIdle(_ id: Instruction.ID) -> Bool {
    switch function[id].operation {
    case .undefined, .referenceCount, .phi, .machine(.load), .after: true
    case .python(.entryCount), .python(.parameter): true
    default: false
    }
  }

  /// Remembers a number that was compared with -1, as the result of `len` is.
  func noteLength(_ condition: Instruction.ID) {
    guard let (opcode, value, number) = function.machine(function.resolve(condition)),
      opcode == .equal || opcode == .notEqual, function.isWord(value), integer(number) == -1
    else { return }
    lengths.insert(value)
  }

  /// The object, if a value is loaded from where its size lies.
  private func sizedObject(_ id: Instruction.ID) -> Instruction.ID? {
    guard function[id].operation == .machine(.load), function.isWord(id) else { return nil }
    let (object, field) = function.offset(function.operand(0, of: id))
    let isSize = field == function.layout.size
    guard isSize || field == function.layout.setUsed && isSet(object), isSized(object) else {
      return nil
    }
    return object
  }

  func isSize(_ id: Instruction.ID, of object: Instruction.ID) -> Bool {
    guard function[id].operation == .machine(.load), function.isWord(id) else { return false }
    let (base, field) = function.offset(function.operand(0, of: id))
    return base == object && field == function.layout.size
  }

  private func isSet(_ id: Instruction.ID) -> Bool {
    switch function[id].operation {
    case .python(.set), .python(.cell): return true
    case .python(.call):
      guard case .builtin(let name)? = operation(function.operand(0, of: id)) else { return false }
      return ["set", "frozenset"].contains(symbols[name])
    default: return false
    }
  }

  /// Whether a value is an object that may have a size, and none of those whose fields are Cython's.
  private func isSized(_ id: Instruction.ID, depth: Int = 0) -> Bool {
    switch function[id].operation {
    case .python(let operation): operation.mayHaveSize
    case .phi:
      function.isWord(id)
        && (depth > 4
          || function.operands(of: id).allSatisfy { $0 == id || isSized($0, depth: depth + 1) })
    case .constant: isNone(id)
    default: false
    }
  }

  private func comparesWithZero(_ id: Instruction.ID, _ value: Instruction.ID) -> Bool {
    guard let (opcode, left, right) = function.machine(id), left == value else { return false }
    return (opcode == .equal || opcode == .notEqual) && function.constant(right) == 0
  }

  /// Whether a step takes a value as a C number.
  private func isNumeric(_ id: Instruction.ID, _ value: Instruction.ID) -> Bool {
    switch function[id].operation {
    case .python(.boxInteger): return true
    case .machine(let opcode):
      switch opcode {
      case .equal, .notEqual:
        // Of extension types an object may lie there.
        let other = function.operands(of: id).first { $0 != value } ?? value
        return !program.hasExtensionTypes || isNumber(other)
      case .add where program.hasExtensionTypes: return !isAddress(id)
      case .signedLess, .signedLessOrEqual, .add, .subtract, .multiply: return true
      default: return false
      }
    default: return false
    }
  }

  /// Whether memory is read or written at a sum: the fields of extension types may be tables of methods.
  private func isAddress(_ sum: Instruction.ID) -> Bool {
    function.reversePostorder().contains { block in
      function[block].instructions.contains { id in
        switch function[id].operation {
        case .machine(.load), .machine(.store): function.operand(0, of: id) == sum
        default: false
        }
      }
    }
  }

  private func isNumber(_ id: Instruction.ID) -> Bool {
    if let number = function.constant(id) { return number < 0x400 }
    switch operation(id) {
    case .length?, .entryCount?, .unboxInteger?: return true
    default: return false
    }
  }

  private func readersOfLoads() -> [Instruction.ID: [Instruction.ID]] {
    var result: [Instruction.ID: [Instruction.ID]] = [:]
    for id in readers() {
      for operand in function.operands(of: id)
      where function[operand].operation == .machine(.load) {
        result[operand, default: []].append(id)
      }
    }
    return result
  }

  /// The steps that are taken, and the values that any of them depends on.
  func readers() -> [Instruction.ID] {
    let live = function.liveValues()
    var result = live.filter { function[$0].block == nil || function.isPhi($0) }
    for block in function.reversePostorder() {
      result += function[block].instructions.filter { !function.isPhi($0) }
    }
    return result
  }

  // MARK: None

  /// Leaves it to a truth test to find out that an object is `None`.
  ///
  /// ```
  /// if %4 is None: goto A; if not %4: goto A     →     if not %4: goto A
  /// ```
  /// - Returns: whether there was one.
  func mergeNoneTests() -> Bool {
    for block in function.reversePostorder() {
      guard let site = BranchSite(block, in: function),
        case .equal(let object, let none) = site.condition.form, isNone(none),
        let test = BranchSite(site.otherTarget, in: function), site.otherTarget != block,
        let edge = function[site.otherTarget].predecessors.firstIndex(of: block),
        let answer = test.valueComparedWithNull(in: function)
      else { continue }
      let truth = function.withoutExtract(answer)
      guard operation(truth) == .truth,
        value(function.operand(0, of: truth), in: site.otherTarget, on: edge) == object,
        function[site.otherTarget].instructions.allSatisfy({
          $0 == truth || function.isPhi($0) || function[$0].operation == .undefined
        }),
        test.target == site.target,
        getsSameValues(from: block, and: site.otherTarget, edge, object, to: site.target)
      else { continue }
      function.decideBranch(of: block, taken: !site.condition.isPositive)
      while function.removeTrivialPhis() {}
      return true
    }
    return false
  }

  /// What a value is if control comes into a block on one edge.
  private func value(
    _ id: Instruction.ID, in block: Block.ID, on edge: Int
  ) -> Instruction.ID {
    function.isPhi(id) && function[id].block == block ? function.operand(edge, of: id) : id
  }

  /// Whether a block gets the same values from where an object was found to be `None` as from a truth
  /// test behind that.
  private func getsSameValues(
    from first: Block.ID, and second: Block.ID, _ edge: Int, _ object: Instruction.ID,
    to target: Block.ID
  ) -> Bool {
    guard let one = function[target].predecessors.firstIndex(of: first),
      let other = function[target].predecessors.firstIndex(of: second)
    else { return false }
    return function[target].instructions.allSatisfy { id in
      guard function.isPhi(id) else { return true }
      let value = value(function.operand(other, of: id), in: second, on: edge)
      let given = function.operand(one, of: id)
      return given == value || (isNone(given) && value == object)
    }
  }
}

extension PythonOperation {
  /// Whether this yields an object that may have a size, and whose fields are not Cython's own.
  fileprivate var mayHaveSize: Bool {
    switch self {
    case .parameter, .global, .className, .cell, .yield, .yieldFrom, .attribute, .item, .binary,
      .unary,
      .boxInteger, .call, .callMethod, .tuple, .list, .set, .dictionary, .format, .joinedString,
      .next,
      .element, .runGenerator:
      true
    default: false
    }
  }
}
