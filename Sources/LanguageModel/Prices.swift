package import Foundation

/// What tokens cost, in US dollars for a million, as of a day.
package struct Prices: Codable, Sendable {
  package struct Model: Codable, Sendable {
    package let input: Double
    package let output: Double
    package let cacheWrite: Double
    package let cacheRead: Double
  }

  /// The day on which the prices were true.
  package let asOf: String
  package let models: [String: Model]

  /// Reads a table that the user gives.
  package init(_ data: Data) throws { self = try JSONDecoder().decode(Self.self, from: data) }

  /// The table that comes with the program.
  ///
  /// Source: LiteLLM 1.109.1's; not the vendors' own pages.
  package static let bundled = Prices(
    asOf: "2026-11-23",
    models: [
      "claude-haiku-5-5": Model(input: 0.10, output: 0.50, cacheWrite: 0.125, cacheRead: 0.01),
      "claude-haiku-4-5": Model(input: 1, output: 5, cacheWrite: 1.25, cacheRead: 0.10),
      "claude-sonnet-5-5": Model(input: 2, output: 10, cacheWrite: 2.50, cacheRead: 0.10),
      "claude-opus-5-5": Model(input: 4, output: 20, cacheWrite: 5, cacheRead: 0.20),
      "claude-fable-5-1": Model(input: 10, output: 50, cacheWrite: 12.5, cacheRead: 0.25),
      "gpt-6.1-sol": Model(input: 2, output: 10, cacheWrite: 2.50, cacheRead: 0.10),
      "gpt-6.1-terra": Model(input: 1, output: 5, cacheWrite: 1.25, cacheRead: 0.05),
      "gpt-6-luna": Model(input: 0.10, output: 0.50, cacheWrite: 0.125, cacheRead: 0.01),
    ])

  private init(asOf: String, models: [String: Model]) {
    self.asOf = asOf
    self.models = models
  }

  /// What tokens cost; nil if the model is not in the table.
  ///
  /// Models on this machine cost nothing.
  package func cost(_ usage: Usage, _ provider: Provider) -> Double? {
    if provider.isLoopback, models[provider.model] == nil { return 0 }
    guard let model = models[provider.model] else { return nil }
    return
      (Double(usage.input) * model.input + Double(usage.output) * model.output
      + Double(usage.cacheWrite) * model.cacheWrite + Double(usage.cacheRead) * model.cacheRead)
      / 1_000_000
  }

  /// The most that a request can cost: nothing of it is cached, and the answer is as long as it may be.
  package func worst(inputTokens: Int, outputTokens: Int, _ provider: Provider) -> Double? {
    var usage = Usage()
    usage.cacheWrite = inputTokens
    usage.output = outputTokens
    return cost(usage, provider)
  }
}
