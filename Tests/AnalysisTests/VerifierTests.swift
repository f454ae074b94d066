import Analysis
import IR
import RuntimeModel
import Testing

struct VerifierTests {
  private func problems(_ text: String, _ phase: Verifier.Phase = .raised) throws -> [String] {
    var parser = Parser(layout: ObjectLayout(PythonVersion(3, 11), pointerSize: 8))
    let function = try parser.parse(text)
    return Verifier(phase).problems(in: function)
  }

  private static let sound = """
    function 0x0
    b0 at 0x0:
      %0:8 = load register8:8
      branch register16:1, b1, b2
    b1 at 0x1 from b0:
      %1:8 = python.length %0
      jump b2
    b2 at 0x2 from b0, b1:
      %2:8 = phi %0, %1
      %3:8 = add %2, 0x1:8
      return %3
    """

  @Test func soundFunctionsPass() throws {
    #expect(try problems(Self.sound) == [])
  }

  @Test func pythonComesAfterRaising() throws {
    #expect(try problems(Self.sound, .constructed).count == 1)
  }

  @Test(arguments: [
    // A value that is missing on one way.
    ("phi %0, %1", "phi %1, %0"),
    // One value too few.
    ("phi %0, %1", "phi %0"),
    // Widths that do not fit.
    ("add %2, 0x1:8", "add %2, 0x1:4"),
    ("%3:8 = add", "%3:4 = add"),
    // An edge that one end does not know.
    ("from b0, b1", "from b0"),
    ("jump b2", "jump b1"),
  ])
  func unsoundFunctionsDoNot(_ before: String, _ after: String) throws {
    #expect(try !problems(Self.sound.replacing(before, with: after)).isEmpty)
  }
}
