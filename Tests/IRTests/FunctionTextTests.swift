import Basics
import IR
import RuntimeModel
import Testing

/// Functions as text, before and after passes that only need the IR itself.
struct FunctionTextTests {
  private static func parse(_ text: String) throws -> Function {
    var parser = Parser(layout: ObjectLayout(PythonVersion(3, 11), pointerSize: 8))
    return try parser.parse(text)
  }

  /// What a pass makes of a function.
  private func after(
    _ text: String, _ pass: (inout Function) -> Void
  ) throws -> String {
    var parser = Parser(layout: ObjectLayout(PythonVersion(3, 11), pointerSize: 8))
    var function = try parser.parse(text)
    pass(&function)
    var printer = Printer(symbols: parser.symbols)
    return printer.print(function)
  }

  private static let loop = """
    function 0x1000
    b0 at 0x1000:
      %2:8 = load register8:8 @0x1000
      jump b1
    b1 at 0x1010 from b0, b2:
      %3:8 = phi %2, %5
      %4:1 = equal %3, 0x0:8
      branch %4, b3, b2
    b2 at 0x1020 from b1:
      %5:8 = call 0x2000:8, %3, stack-16:8 @0x1024
      %6:8 = after.register24 %5
      store %6, undefined:8 @0x1028
      count.-1 %5 @0x102c
      jump b1
    b3 at 0x1030 from b1:
      return %3

    """

  private static let python = """
    function 0x0
    b0 at 0x0:
      %0:8 = python.parameter(0)
      %1:8 = python.attribute('name') %0 @0x10
      %2:8 = python.call(_, *, 'key\\{2c}', **) %1, %0, %0, %0, %0
      %3:8 = python.binary(floorDivide, true) %2, 0x10:8
      python.storeGlobal('x') %3
      %4:8 = python.unpack(1, 2, false) %3
      %5:8 = python.element(1) %4
      %6:8 = python.importModule('a.b', -1)
      %7:8 = python.generator(4096, coroutine) %6, %5
      %8:4 = python.compareTruth(lessOrEqual) %7, %5
      choose %8, b1, b2, b1
    b1 at 0x4 from b0, b0:
      return %5
    b2 at 0x8 from b0:
      python.raise %5
      unreachable

    """

  @Test(arguments: [loop, python])
  func readsWhatItWrites(_ text: String) throws {
    let written = try after(text) { _ in }
    // Blocks are written in their order of control, whatever the order they were read in.
    #expect(written.split(separator: "\n").sorted() == text.split(separator: "\n").sorted())
    #expect(try after(written) { _ in } == written)
  }

  @Test(arguments: [
    ("function x", 1), ("function 0x0\nb0 at 0x0:\n  jump b7", 3),
    ("function 0x0\nb0 at 0x0:\n  %0:8 = nonsense %0", 3), ("function 0x0\n  return 0x0:8", 2),
    ("function 0x0\nb0 at 0x0:\n  return %9", 3), ("function 0x0\nb99999999 at 0x0:", 1),
  ])
  func saysWhereTextIsWrong(_ text: String, _ line: Int) throws {
    var failure: Parser.Failure?
    do {
      _ = try Self.parse(text)
    } catch let error as Parser.Failure {
      failure = error
    }
    #expect(failure?.line == line)
  }

  @Test func phisOfOneValueGo() throws {
    let text = """
      function 0x0
      b0 at 0x0:
        %0:8 = load register8:8
        branch 0x1:1, b1, b2
      b1 at 0x1 from b0:
        jump b3
      b2 at 0x2 from b0:
        jump b3
      b3 at 0x3 from b1, b2:
        %1:8 = phi %0, %0
        return %1

      """
    let result = try after(text) { _ = $0.removeTrivialPhis() }
    #expect(!result.contains("phi"))
    #expect(result.contains("return %0"))
  }

  @Test func emptyArmsAndStraightBlocksJoin() throws {
    let text = """
      function 0x0
      b0 at 0x0:
        %0:8 = load register8:8
        branch register16:1, b1, b2
      b1 at 0x1 from b0:
        jump b3
      b2 at 0x2 from b0:
        jump b3
      b3 at 0x3 from b1, b2:
        return %0

      """
    let result = try after(text) {
      while $0.removeIdleBlocks() {}
      $0.joinStraightBlocks()
    }
    #expect(
      result == """
        function 0x0
        b0 at 0x0:
          %0:8 = load register8:8
          return %0

        """)
  }

  @Test func stepsThatNothingReadsGo() throws {
    let text = """
      function 0x0
      b0 at 0x0:
        %0:8 = load register8:8
        %1:8 = load register16:8
        return %1

      """
    let result = try after(text) { $0.removeDead() }
    #expect(!result.contains("%0"))
  }
}
