import Analysis
import IR
import RuntimeModel
import Simplification
import Testing

struct SampleTests {
  private let facts = Facts()

  private func parse(_ text: String) throws -> Function {
    var parser = Parser(layout: facts.layout)
    return try parser.parse(text)
  }

  @Test func aBoundThatMayBeNoneIsHandedOn() throws {
    var function = try parse(slice(alsoReading: "0x0:8"))
    let isForgotten = function.forgetOpenBounds(facts)
    #expect(isForgotten)
    #expect(Verifier(.constructed).problems(in: function) == [])
    let calls = self.calls(in: function)
    #expect(calls.map { function.constant(function.operand(0, of: $0)) } == [0x1000, 0x2000])
    #expect(function.operand(2, of: calls[1]) == calls[0])
  }

  @Test func aBoundThatIsReadOtherwiseStays() throws {
    var function = try parse(slice(alsoReading: "%4"))
    let isForgotten = function.forgetOpenBounds(facts)
    #expect(!isForgotten)
  }

  /// `text[start:]`, with what the function stores.
  private func slice(alsoReading value: String) -> String {
    """
    function 0x0
    b0 at 0x0:
      %1:1 = equal register8:8, 0x3000:8
      branch %1, b1, b2
    b1 at 0x1 from b0:
      jump b3
    b2 at 0x2 from b0:
      %3:8 = call 0x1000:8, register8:8
      jump b3
    b3 at 0x3 from b1, b2:
      %4:8 = phi 0x0:8, %3
      store register24:8, \(value)
      %5:8 = call 0x2000:8, register16:8, %4, 0x7fffffffffffffff:8
      return %5
    """
  }

  @Test func aConversionInPlaceBecomesACall() throws {
    var function = try parse(conversion(ofDigit: "%4"))
    let isCollapsed = function.collapseConversions(facts)
    #expect(isCollapsed)
    #expect(Verifier(.constructed).problems(in: function) == [])
    let calls = calls(in: function)
    #expect(calls.count == 1)
    #expect(function.reversePostorder().count == 2)
  }

  @Test func anotherNumberThanTheObjectIsNoConversion() throws {
    var function = try parse(conversion(ofDigit: "%5"))
    let isCollapsed = function.collapseConversions(facts)
    #expect(!isCollapsed)
  }

  private func conversion(ofDigit digit: String) -> String {
    """
    function 0x0
    b0 at 0x0:
      %1:8 = add register8:8, 0x10:8
      %2:8 = load %1
      %3:1 = equal %2, 0x0:8
      branch %3, b4, b1
    b1 at 0x1 from b0:
      %6:1 = equal %2, 0x1:8
      branch %6, b2, b3
    b2 at 0x2 from b1:
      %7:8 = add register8:8, 0x18:8
      %8:4 = load %7
      jump b4
    b3 at 0x3 from b1:
      %9:8 = call 0x1000:8, register8:8
      jump b4
    b4 at 0x4 from b0, b2, b3:
      %4:8 = zeroExtend %8
      %5:8 = add %4, 0x1:8
      %10:8 = phi 0x0:8, \(digit), %9
      return %10
    """
  }

  @Test func aSliceOfAListInPlaceBecomesACall() throws {
    var function = try parse(listSlice(behindSize: "%20:8 = load register8:8"))
    let isCollapsed = function.collapseSlices(facts)
    #expect(isCollapsed)
    #expect(Verifier(.constructed).problems(in: function) == [])
    let calls = calls(in: function)
    #expect(calls.count == 1)
    let numbers = function.operands(of: calls[0]).map { function.constant($0) }
    #expect(numbers == [0x7000, nil, 0, 3])
  }

  @Test func aListThatMayHaveChangedSinceIsNotSliced() throws {
    var function = try parse(listSlice(behindSize: "%20:8 = call 0x8000:8, register8:8"))
    let isCollapsed = function.collapseSlices(facts)
    #expect(!isCollapsed)
  }

  /// `items[:3]`, with what is done when the size of the list has been read.
  private func listSlice(behindSize step: String) -> String {
    """
    function 0x0
    b0 at 0x0:
      %1:8 = add register8:8, 0x10:8
      %2:8 = load %1
      \(step)
      %3:1 = signedLess %2, 0x3:8
      branch %3, b1, b2
    b1 at 0x1 from b0:
      jump b3
    b2 at 0x2 from b0:
      jump b3
    b3 at 0x3 from b1, b2:
      %4:8 = phi %2, 0x3:8
      %5:1 = signedLessOrEqual %4, 0x0:8
      branch %5, b4, b5
    b4 at 0x4 from b3:
      %6:8 = call 0x5000:8, 0x0:8
      jump b6
    b5 at 0x5 from b3:
      %7:8 = call 0x5000:8, %4
      %8:8 = add %7, 0x18:8
      %9:8 = load %8
      %10:8 = add register8:8, 0x18:8
      %11:8 = load %10
      %12:8 = multiply %4, 0x8:8
      %13:8 = call 0x6000:8, %9, %11, %12
      jump b6
    b6 at 0x6 from b4, b5:
      %14:8 = phi %6, %7
      return %14
    """
  }

  @Test func aComparisonWithALetterComesBack() throws {
    var function = try parse(letter(otherLength: "b13"))
    let isCollapsed = function.collapseCharacterTests(facts)
    #expect(isCollapsed)
    #expect(Verifier(.pruned).problems(in: function) == [])
    #expect(function.reversePostorder().count == 3 + 2)
  }

  @Test func aQuestionOfTheProgramAboutTheLengthIsKept() throws {
    var function = try parse(letter(otherLength: "b11"))
    let isCollapsed = function.collapseCharacterTests(facts)
    #expect(!isCollapsed)
  }

  /// `1 if text == '#' else 2`, and 3 for texts of five letters if other lengths lead to `b11`.
  private func letter(otherLength: String) -> String {
    let isAsked = otherLength == "b11"
    return """
      function 0x0
      b0 at 0x0:
        %1:1 = equal register8:8, 0x4000:8
        branch %1, b12, b1
      b1 at 0x1 from b0:
        %2:8 = add register8:8, 0x10:8
        %3:8 = load %2
        %4:1 = equal %3, 0x1:8
        branch %4, b2, \(otherLength)
      b2 at 0x2 from b1:
        %5:8 = add register8:8, 0x20:8
        %6:1 = load %5
        %7:1 = and %6, 0x20:1
        %8:1 = equal %7, 0x0:1
        branch %8, b3, b4
      b3 at 0x3 from b2:
        %9:8 = add register8:8, 0x48:8
        %10:8 = load %9
        jump b5
      b4 at 0x4 from b2:
        %11:1 = and %6, 0x40:1
        %12:1 = equal %11, 0x0:1
        branch %12, b6, b7
      b6 at 0x6 from b4:
        jump b5
      b7 at 0x7 from b4:
        jump b5
      b5 at 0x5 from b3, b6, b7:
        %13:8 = add register8:8, 0x30:8
        %14:8 = phi %10, %9, %13
        %15:1 = shiftRight %6, 0x2:4
        %16:1 = and %15, 0x7:1
        %17:1 = equal %16, 0x1:1
        branch %17, b8, b9
      b8 at 0x8 from b5:
        %18:1 = load %14
        jump b10
      b9 at 0x9 from b5:
        %19:1 = equal %16, 0x2:1
        branch %19, b14, b15
      b14 at 0xe from b9:
        %20:2 = load %14
        jump b10
      b15 at 0xf from b9:
        %21:4 = load %14
        jump b10
      b10 at 0xa from b8, b14, b15:
        %22:4 = zeroExtend %18
        %23:4 = zeroExtend %20
        %24:4 = phi %22, %23, %21
        %25:1 = equal %24, 0x23:4
        branch %25, b12, b13
      \(isAsked ? """
      b11 at 0xb from b1:
        %26:1 = equal %3, 0x5:8
        branch %26, b16, b13
      b16 at 0x10 from b11:
        return 0x3:8
      """ : "")
      b12 at 0xc from b0, b10:
        return 0x1:8
      b13 at 0xd from b10, \(isAsked ? "b11" : "b1"):
        return 0x2:8
      """
  }

  private func calls(in function: borrowing Function) -> [Instruction.ID] {
    var result: [Instruction.ID] = []
    for block in function.reversePostorder() {
      result += function[block].instructions.filter { function[$0].operation == .call }
    }
    return result
  }
}

/// A module with a few functions, `None` and the text `#`.
private struct Facts: ModuleFacts {
  let layout = ObjectLayout(PythonVersion(3, 11), pointerSize: 8)

  func callee(at address: UInt64) -> CFunction? {
    let names: [UInt64: String] = [
      0x1000: "PyLong_AsSsize_t", 0x2000: "PyUnicode_Substring", 0x5000: "PyList_New",
      0x6000: "memcpy",
    ]
    return names[address].flatMap { CFunction.imported($0, layout.version) }
  }

  func text(at address: UInt64) -> String? { address == 0x4000 ? "#" : nil }
  func variable(at address: UInt64) -> String? { address == 0x3000 ? "_Py_NoneStruct" : nil }

  func inlinedSlice(_ name: String) -> UInt64? { name == "PyList_GetSlice" ? 0x7000 : nil }
  func signature(of target: UInt64) -> CallSignature? { nil }
  func constant(at address: UInt64, size: Int) -> UInt64? { nil }
  func isImported(_ address: UInt64) -> Bool { true }
  func isMapped(_ address: UInt64) -> Bool { true }
  func isType(at address: UInt64) -> Bool { false }
  func isInternalType(at address: UInt64) -> Bool { false }
  func unboundMethod(at address: UInt64) -> String? { nil }
  var inlinedTraceback: UInt64? { nil }
  var inlinedCatch: UInt64? { nil }
  var inlinedNumberText: UInt64? { nil }
  var inlinedOrd: UInt64? { nil }
  var dictionaryVersion: UInt64 { 0 }
}
