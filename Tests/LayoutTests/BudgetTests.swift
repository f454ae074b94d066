import Foundation
import Testing

/// Files stay small enough to be read at one go.
struct BudgetTests {
  private static let limit = 600

  @Test func noSourceFileIsTooLong() throws {
    let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../Sources")
    let files = FileManager.default.enumerator(at: root, includingPropertiesForKeys: nil)
    var count = 0
    while let url = files?.nextObject() as? URL {
      guard url.pathExtension == "swift" else { continue }
      count += 1
      let lines = try String(contentsOf: url, encoding: .utf8).split(
        separator: "\n", omittingEmptySubsequences: false)
      #expect(lines.count <= Self.limit, "\(url.lastPathComponent) has \(lines.count) lines")
    }
    #expect(count > 100)
  }
}
