import Basics
import Foundation

/// Answers that were paid for, by what was asked: a second run asks nothing.
package struct AnswerCache: Sendable {
  private let folder: CacheFolder

  package init(environment: [String: String]) {
    folder = CacheFolder("llm", environment: environment, capacity: 100_000)
  }

  /// What an answer is kept under: everything that it depends on.
  package func key(_ request: Request, _ provider: Provider, version: String) -> String {
    let head = "\(version)\n\(provider.dialect.rawValue)\n\(provider.base)\n\(provider.model)\n"
    return SHA256.text(of: Array(head.utf8) + Array(request.body(for: provider)))
  }

  package subscript(key: String) -> Response? {
    folder[key].flatMap { try? JSONDecoder().decode(Response.self, from: $0) }
  }

  /// Keeps an answer that is whole; others are not worth it.
  package func keep(_ response: Response, under key: String) {
    guard response.end == .complete else { return }
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    guard let data = try? encoder.encode(response) else { return }
    folder.keep(data, under: key)
  }
}
