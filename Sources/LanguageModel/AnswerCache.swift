import Basics
import Foundation

/// Answers that were paid for, by what was asked: a second run asks nothing.
package struct AnswerCache: Sendable {
  private let folder: URL

  /// The user's cache folder.
  package init(environment: [String: String]) {
    let base =
      environment["XDG_CACHE_HOME"].map { URL(filePath: $0) }
      ?? URL(filePath: environment["HOME"] ?? "/tmp").appending(path: ".cache")
    folder = base.appending(path: "decython/llm")
  }

  /// What an answer is kept under: everything that it depends on.
  package func key(_ request: Request, _ provider: Provider, version: String) -> String {
    let head = "\(version)\n\(provider.dialect.rawValue)\n\(provider.base)\n\(provider.model)\n"
    return SHA256.text(of: Array(head.utf8) + Array(request.body(for: provider)))
  }

  package subscript(key: String) -> Response? {
    guard let data = try? Data(contentsOf: folder.appending(path: key + ".json")) else {
      return nil
    }
    return try? JSONDecoder().decode(Response.self, from: data)
  }

  /// Keeps an answer that is whole; others are not worth it.
  package func keep(_ response: Response, under key: String) {
    guard response.end == .complete else { return }
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    try? FileManager.default.createDirectory(
      at: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    let place = folder.appending(path: key + ".json")
    guard let data = try? encoder.encode(response) else { return }
    let draft = folder.appending(path: key + ".\(UUID().uuidString)")
    guard
      FileManager.default.createFile(
        atPath: draft.path, contents: data, attributes: [.posixPermissions: 0o600])
    else { return }
    try? FileManager.default.removeItem(at: place)
    try? FileManager.default.moveItem(at: draft, to: place)
  }
}
