import Archives
import Foundation
import Testing

/// The archives were written by Python's `zipfile` and `tarfile`.
struct ArchiveTests {
  /// `pkg/a.so`, compressed; `../b.so`, stored; `pkg/a.py`.
  private static let zip =
    "UEsDBBQAAAAIAAAAIVATLUMbBwAAACwBAAAIAAAAcGtnL2Euc2+rqBgFxAIAUEsDBBQAAAAAAAAAIVAL+UNW"
    + "BgAAAAYAAAAHAAAALi4vYi5zb3N0b3JlZFBLAwQUAAAAAAAAACFQHyiqZwIAAAACAAAACAAAAHBrZy9hLnB5"
    + "bm9QSwECFAMUAAAACAAAACFQEy1DGwcAAAAsAQAACAAAAAAAAAAAAAAAgAEAAAAAcGtnL2Euc29QSwECFAMU"
    + "AAAAAAAAACFQC/lDVgYAAAAGAAAABwAAAAAAAAAAAAAAgAEtAAAALi4vYi5zb1BLAQIUAxQAAAAAAAAAIVAf"
    + "KKpnAgAAAAIAAAAIAAAAAAAAAAAAAACAAVgAAABwa2cvYS5weVBLBQYAAAAAAwADAKEAAACAAAAAAAA="
  /// A module in a folder with a name of 120 letters, and a text file, compressed by gzip.
  private static let tar =
    "H4sIAAAAAAACA+3TQQrCMBBA0TlKTpCMTdpsPUAuUSOIKC3YCB5fpBtdFHQRBfvfZsJsZhG+ddZt0zgc0nE4"
    + "SR06W5raPL3nfYyhFZPkC65T6S/GyErt3flHXLbTKPj//39E3YWw2L+qf+3fN13rxSj9V9fvMhGsuv9sy61U"
    + "vfFx/xo3Guif/gEAAAAAAAAAAAAA77oDWE9efwAoAAA="
  /// `d/c.so` in a tar archive, compressed by Python's `bz2` and `lzma` and by the program zstd.
  private static let packed = [
    "QlpoOTFBWSZTWZ+62YgAAC9bgMmAQAHNgAAQfACeAAgIIABUVoZAADRoJJJ6hkNqNGgczLfIcZkBW8TI1pmI"
      + "YGperidhFpIlGm2WEQsUnj6ZeHqNQgD4u5IpwoSE/dbMQA==",
    "/Td6WFoAAATm1rRGAgAhARYAAAB0L+Wj4Af/AEFdADILyGMN5qlT1lwszNh1S4dordmHoC3WLlu9ShAp4TfE"
      + "+N1bdY7FEiWhCH9LTMGtA25DmE/l7y+wLMYVPWd1mwAAAAAAAOrbgfiy4PppAAFdgBAAAAD5KLqSscRn+wIA"
      + "AAAABFla",
    "KLUv/WQAB90BAOJCCRDApzHE1G3J/zBp3JL19ZkUGlG+RyGXeJFmoHeFf2foX+MAC4oHIHAf+f1kjjpg8oRL"
      + "BIajkzMCDiCiZQ==",
  ]

  private static func bytes(_ text: String) throws -> [UInt8] {
    [UInt8](try #require(Data(base64Encoded: text)))
  }

  private static func entries(_ bytes: [UInt8]) throws -> [Archive.Entry] {
    try #require(try Archive(reading: bytes) { $0.hasSuffix(".so") }).entries
  }

  @Test func readsZipFiles() throws {
    let entries = try Self.entries(Self.bytes(Self.zip))
    #expect(entries.map(\.path) == ["b.so", "pkg/a.so"])
    #expect(entries.first?.bytes == Array("stored".utf8))
    #expect(entries.last?.bytes == Array(repeating: UInt8(ascii: "x"), count: 300))
  }

  @Test func readsCompressedTarFilesWithLongNames() throws {
    let entries = try Self.entries(Self.bytes(Self.tar))
    #expect(entries.map(\.path) == ["d/" + String(repeating: "l", count: 120) + "/c.so"])
    #expect(entries.first?.bytes == Array("abc".utf8))
  }

  @Test func otherFilesAreNoArchives() throws {
    #expect(try Archive(reading: Array("\u{7F}ELF".utf8), isWanted: { _ in true }) == nil)
    #expect(try Archive(reading: [], isWanted: { _ in true }) == nil)
  }

  @Test(arguments: packed)
  func readsWhatLibrariesUnpack(_ text: String) throws {
    let entries = try Self.entries(Self.bytes(text))
    #expect(entries.map(\.path) == ["d/c.so"])
    #expect(entries.first?.bytes == Array("abc".utf8))
  }

  @Test(arguments: packed)
  func tellsWhatIsCutOff(_ text: String) throws {
    let bytes = try Self.bytes(text)
    #expect(throws: ArchiveError.truncated) {
      try Archive(reading: Array(bytes.prefix(bytes.count - 8)), isWanted: { _ in true })
    }
  }

  @Test(arguments: [zip, tar] + packed)
  func survivesDamage(_ text: String) throws {
    let bytes = try Self.bytes(text)
    for index in bytes.indices {
      for value: UInt8 in [0, 0x7F, 0xFF] {
        var changed = bytes
        changed[index] = value
        _ = try? Archive(reading: changed) { _ in true }
      }
      _ = try? Archive(reading: Array(bytes.prefix(index))) { _ in true }
    }
  }
}
