import BinaryFormats
import Foundation
import Testing

struct ELFTests {
  private static func example() throws -> [UInt8] {
    let file = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "../../Examples/inventory.cpython-311-x86_64-linux-gnu.so")
    return [UInt8](try Data(contentsOf: file))
  }

  @Test func readsTheExample() throws {
    let image = try BinaryImage(reading: Self.example())
    #expect(image.exports.keys.contains("PyInit_inventory"))
    #expect(image.imports.names.contains("PyObject_GetAttr"))
    #expect(image.functionRanges.count > 20)
  }

  @Test func refusesOtherFiles() {
    #expect(throws: BinaryFormatError.unknownFormat) { try BinaryImage(reading: [1, 2, 3]) }
  }

  @Test(arguments: [16, 63, 100, 4096])
  func refusesCutFiles(_ size: Int) throws {
    let bytes = Array(try Self.example().prefix(size))
    #expect(throws: BinaryFormatError.self) { try BinaryImage(reading: bytes) }
  }
}
