import Naming
import Testing

struct CIdentifierTests {
  static let hostile = [
    "x; system(\"id\");", "a\nb", "*/ int x; /*", "../../etc/passwd", "`id`", "$(id)", "|!open",
    "\u{202E}evil", "é", "", "0x", "while", "PY_CALL", "__attribute__", "a\\", "\u{0}",
  ]

  @Test(arguments: hostile) func partsAreLettersDigitsAndUnderscores(_ text: String) {
    let part = CIdentifier.part(text)
    #expect(
      part.utf8.allSatisfy {
        (48...57).contains($0) || (65...90).contains($0) || (97...122).contains($0) || $0 == 95
      })
    #expect(part.utf8.count <= 90)
  }

  @Test(arguments: hostile) func variablesAreNoWordsOfC(_ text: String) {
    let name = CIdentifier.variable(text)
    #expect(name.first?.isNumber == false)
    #expect(name != "while" && !name.hasPrefix("0"))
  }

  @Test(arguments: hostile) func commentsEndWhereTheyShould(_ text: String) {
    let comment = CIdentifier.comment(text)
    #expect(!comment.contains("*/") && !comment.contains("/*") && !comment.contains("\n"))
    #expect(!comment.contains("\\") && comment.unicodeScalars.allSatisfy { $0.isASCII })
  }

  @Test func namesAreHandedOutOnce() {
    var names = UniqueNames(foldsCase: true)
    #expect(names.claim("a") == "a")
    #expect(names.claim("A") == "A_2")
    #expect(names.claim("a") == "a_3")
  }
}
