import Foundation

/// Who answers, and in which dialect.
package struct Provider: Sendable {
  package enum Dialect: String, Sendable {
    /// Anthropic's Messages.
    case anthropic
    /// OpenAI's chat completions, which llama.cpp, Ollama, vLLM and LM Studio serve, too.
    case openAI = "openai"
  }

  package let dialect: Dialect
  package let model: String
  /// Where the API stands, without a slash at its end.
  package let base: String
  package let host: String
  private let key: String?

  package struct Problem: Error {
    package let text: String
  }

  /// - Parameters:
  ///   - text: `PROVIDER:MODEL`; the provider is `anthropic` or `openai`.
  ///   - url: where the API stands, if not at the provider's own place.
  ///   - keyFile: a file with the key; else it is taken from the environment.
  ///   - environment: the variables of the process.
  /// - Throws: ``Problem``.
  package init(
    _ text: String, url: String?, keyFile: String?, environment: [String: String]
  ) throws(Problem) {
    let parts = text.split(separator: ":", maxSplits: 1).map(String.init)
    guard parts.count == 2, let dialect = Dialect(rawValue: parts[0]), !parts[1].isEmpty else {
      throw Problem(text: "a model is given as anthropic:MODEL or openai:MODEL")
    }
    self.dialect = dialect
    model = parts[1]
    let own = dialect == .anthropic ? "https://api.anthropic.com" : "https://api.openai.com/v1"
    var base = url ?? own
    while base.hasSuffix("/") { base.removeLast() }
    guard let parsed = URL(string: base), let host = parsed.host(), !host.isEmpty,
      parsed.user() == nil,
      base.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != 0x22 && $0 != 0x5C })
    else { throw Problem(text: "not an address of a server") }
    self.base = base
    self.host = host
    let isLocal = Self.isLoopback(host)
    guard parsed.scheme == "https" || parsed.scheme == "http" && isLocal else {
      throw Problem(text: "only this machine is spoken to without https")
    }
    let name = dialect == .anthropic ? "ANTHROPIC_API_KEY" : "OPENAI_API_KEY"
    if let keyFile {
      guard let text = try? String(contentsOf: URL(filePath: keyFile), encoding: .utf8) else {
        throw Problem(text: "the file with the key cannot be read")
      }
      key = text.trimmingCharacters(in: .whitespacesAndNewlines)
    } else {
      key = environment["DECYTHON_LLM_KEY"] ?? (isLocal && url != nil ? nil : environment[name])
    }
    let isPlain = key.map {
      $0.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && $0 != 0x22 && $0 != 0x5C }
    }
    guard isPlain != false else { throw Problem(text: "the key holds letters that no key has") }
  }

  /// Whether nothing leaves this machine.
  package var isLoopback: Bool { Self.isLoopback(host) }

  package var hasKey: Bool { key?.isEmpty == false }

  private static func isLoopback(_ host: String) -> Bool {
    host == "localhost" || host == "::1" || host == "[::1]"
      || host.hasPrefix("127.") && host.split(separator: ".").count == 4
        && host.allSatisfy { $0.isNumber || $0 == "." }
  }

  /// The headers of a request; one of them holds the key.
  var headers: [String] {
    var result = ["content-type: application/json"]
    switch dialect {
    case .anthropic:
      result.append("anthropic-version: 2026-10-21")
      if let key { result.append("x-api-key: " + key) }
    case .openAI:
      if let key { result.append("authorization: Bearer " + key) }
    }
    return result
  }

  var completionsURL: String {
    base + (dialect == .anthropic ? "/v1/messages" : "/chat/completions")
  }

  /// Where tokens are counted at no price: Anthropic's `count_tokens`, OpenAI's `input_tokens`, which
  /// llama.cpp's server has, too.
  var countURL: String {
    base + (dialect == .anthropic ? "/v1/messages/count_tokens" : "/responses/input_tokens")
  }

  /// OpenAI's own server has another name for the limit of tokens.
  var limitName: String { host == "api.openai.com" ? "max_completion_tokens" : "max_tokens" }
}
