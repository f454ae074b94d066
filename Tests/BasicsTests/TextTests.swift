import Basics
import Testing

struct TextTests {
  @Test func decodesWhatSwiftDecodes() throws {
    let text = try #require(Text(utf8: Array("héllo €😀".utf8)))
    #expect(text.string == "héllo €😀")
  }

  @Test func keepsLoneSurrogates() throws {
    let text = try #require(Text(utf8: [0xED, 0xA0, 0x80]))
    #expect(text.codePoints == [0xD800])
    #expect(text.string == nil)
  }

  @Test(arguments: [[0x80], [0xC3], [0xE2, 0x82], [0xF4, 0x90, 0x80, 0x80], [0xFF]] as [[UInt8]])
  func refusesBytesThatAreNoText(_ bytes: [UInt8]) {
    #expect(Text(utf8: bytes) == nil)
  }

  @Test func symbolsOfEqualTextsAreEqual() {
    var table = SymbolTable()
    let first = table.intern("name")
    #expect(table.intern("other") != first)
    #expect(table.intern("name") == first)
    #expect(table[first] == "name")
  }
}
