import Foundation
import LanguageModel

/// What came of asking a model.
struct ModelReport: Codable {
  enum Outcome: String, Codable {
    /// The answer was compiled again and is the same as the original.
    case verified
    /// The answer could not be compared; the user wanted it all the same.
    case unverified
    /// The answer says what was there already.
    case unchanged
    case rejected, refused, truncated
    /// No answer came, or none on this function.
    case missing
    /// The budget did not reach.
    case unasked
  }

  struct Function: Codable {
    let name: String
    var outcome: Outcome
    /// Why it was not taken.
    var reason: String?
    var findings: String?
    var rounds = 0
  }

  var version = 1
  let model: String
  let host: String
  var functions: [Function] = []
  var requests = 0
  var retries = 0
  var answersFromCache = 0
  /// Tokens that were paid for in this run.
  var usage = Usage()
  var estimatedInputTokens = 0
  var cost: Double?
  let pricesAsOf: String
  var redactedSecrets = 0
  var stopped: String?

  init(model: String, host: String, pricesAsOf: String) {
    (self.model, self.host, self.pricesAsOf) = (model, host, pricesAsOf)
  }

  var summary: [String] {
    var counts: [Outcome: Int] = [:]
    for function in functions { counts[function.outcome, default: 0] += 1 }
    let order: [Outcome] = [
      .verified, .unverified, .unchanged, .rejected, .refused, .truncated, .missing, .unasked,
    ]
    let parts = order.compactMap { outcome in counts[outcome].map { "\($0) \(outcome.rawValue)" } }
    let price =
      cost.map { "$" + String(format: "%.4f", $0) + " (prices of \(pricesAsOf))" } ?? "unknown"
    return [
      "model: " + (parts.isEmpty ? "no function to ask about" : parts.joined(separator: ", ")),
      "model: \(requests) requests, \(retries) of them repeated, \(answersFromCache) answers from the cache; "
        + "tokens: \(usage.input) new, \(usage.cacheWrite) written, \(usage.cacheRead) read, "
        + "\(usage.output) out; cost: \(price)",
    ] + (stopped.map { ["model: stopped: \(Terminal.escaped($0))"] } ?? [])
  }
}
