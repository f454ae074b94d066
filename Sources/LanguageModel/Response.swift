import Foundation

/// Tokens by class, each counted once.
package struct Usage: Codable, Sendable, Equatable {
  package var input = 0
  package var cacheWrite = 0
  package var cacheRead = 0
  package var output = 0

  package init() {}

  package var allInput: Int { input + cacheWrite + cacheRead }

  package static func += (left: inout Usage, right: Usage) {
    left.input += right.input
    left.cacheWrite += right.cacheWrite
    left.cacheRead += right.cacheRead
    left.output += right.output
  }
}

/// What came of a request.
package struct Response: Codable, Sendable {
  package enum End: String, Codable, Sendable {
    case complete, truncated, refused
  }

  package var text = ""
  package var end: End?
  /// Why it was refused, in the provider's word.
  package var category: String?
  package var usage = Usage()
}

/// An error that a provider reports.
package struct ProviderError: Error, Sendable {
  package let status: Int
  /// The provider's word for it.
  package let kind: String
  package let message: String
  /// The number under which the provider knows the request.
  package var request: String?

  /// Whether no later request can do better: the account is empty, or a limit was set.
  package var endsRun: Bool {
    status == 402 || status == 401 || status == 403
      || ["billing_error", "enforced_spend_limit_reached", "insufficient_quota"].contains(kind)
  }
}

/// Reads server-sent events of both dialects.
struct EventReader {
  private(set) var response = Response()
  private(set) var error: ProviderError?
  /// Whether the stream came to its end.
  private(set) var isFinished = false

  /// - Parameters:
  ///   - bytes: the whole body.
  ///   - dialect: who wrote it.
  init(_ bytes: Data, _ dialect: Provider.Dialect) {
    let text = String(decoding: bytes, as: UTF8.self)
    for line in text.split(whereSeparator: \.isNewline) where line.hasPrefix("data:") {
      let payload = line.dropFirst(5).trimmingCharacters(in: .whitespaces)
      if payload == "[DONE]" {
        isFinished = true
        continue
      }
      guard
        let event = (try? JSONSerialization.jsonObject(with: Data(payload.utf8))) as? [String: Any]
      else { continue }
      if let problem = event["error"] as? [String: Any] {
        error = ProviderError(problem, status: 200)
        continue
      }
      switch dialect {
      case .anthropic: takeAnthropic(event)
      case .openAI: takeOpenAI(event)
      }
    }
    if response.end == nil, isFinished { response.end = .complete }
  }

  private mutating func takeAnthropic(_ event: [String: Any]) {
    switch event["type"] as? String {
    case "message_start":
      if let message = event["message"] as? [String: Any] { takeUsage(message["usage"]) }
    case "content_block_delta":
      let delta = event["delta"] as? [String: Any]
      response.text += delta?["text"] as? String ?? ""
    case "message_delta":
      takeUsage(event["usage"])
      let delta = event["delta"] as? [String: Any]
      switch delta?["stop_reason"] as? String {
      case "max_tokens", "model_context_window_exceeded": response.end = .truncated
      case "refusal":
        response.end = .refused
        let details =
          delta?["stop_details"] as? [String: Any] ?? event["stop_details"] as? [String: Any]
        response.category = details?["category"] as? String
      case .some: response.end = .complete
      case nil: break
      }
    case "message_stop": isFinished = true
    default: break
    }
  }

  /// The fields are cumulative, and may be missing.
  private mutating func takeUsage(_ value: Any?) {
    guard let usage = value as? [String: Any] else { return }
    func number(_ name: String) -> Int? { (usage[name] as? NSNumber)?.intValue }
    response.usage.input = number("input_tokens") ?? response.usage.input
    response.usage.output = number("output_tokens") ?? response.usage.output
    response.usage.cacheWrite = number("cache_creation_input_tokens") ?? response.usage.cacheWrite
    response.usage.cacheRead = number("cache_read_input_tokens") ?? response.usage.cacheRead
  }

  private mutating func takeOpenAI(_ event: [String: Any]) {
    if let choice = (event["choices"] as? [[String: Any]])?.first {
      let delta = choice["delta"] as? [String: Any]
      response.text += delta?["content"] as? String ?? ""
      if let refusal = delta?["refusal"] as? String, !refusal.isEmpty { response.end = .refused }
      switch choice["finish_reason"] as? String {
      case "length": response.end = .truncated
      case "content_filter":
        response.end = .refused
        response.category = "content_filter"
      case .some: response.end = response.end ?? .complete
      case nil: break
      }
    }
    guard let usage = event["usage"] as? [String: Any] else { return }
    func number(_ name: String, _ table: [String: Any]) -> Int {
      (table[name] as? NSNumber)?.intValue ?? 0
    }
    let details = usage["prompt_tokens_details"] as? [String: Any] ?? [:]
    // Cached tokens are among the prompt's here.
    response.usage.cacheRead = number("cached_tokens", details)
    response.usage.cacheWrite = number("cache_write_tokens", details)
    response.usage.input = max(
      0, number("prompt_tokens", usage) - response.usage.cacheRead - response.usage.cacheWrite)
    response.usage.output = number("completion_tokens", usage)
  }
}

extension ProviderError {
  /// Reads an error object of either dialect.
  init(_ value: [String: Any], status: Int) {
    let details = value["details"] as? [String: Any]
    let kind =
      details?["error_code"] as? String ?? value["code"] as? String ?? value["type"] as? String
    self.init(
      status: status, kind: kind ?? "unknown",
      message: String((value["message"] as? String ?? "").prefix(300)))
  }
}
