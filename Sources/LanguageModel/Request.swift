package import Foundation

/// What is sent to a model.
package struct Request: Sendable {
  /// What stays the same from request to request, so that providers keep it.
  package let prefix: String
  package let question: String
  package let tokenLimit: Int
  /// Whether the answer is asked for as JSON of a given form.
  package let isStructured: Bool
  /// About how many tokens it has.
  package let estimatedTokens: Int

  package init(
    prefix: String, question: String, tokenLimit: Int, isStructured: Bool, estimatedTokens: Int
  ) {
    self.prefix = prefix
    self.question = question
    self.tokenLimit = tokenLimit
    self.isStructured = isStructured
    self.estimatedTokens = estimatedTokens
  }

  /// The request in a dialect: the same bytes for the same request.
  package func body(for provider: Provider, countsOnly: Bool = false) -> Data {
    var body: [String: Any] = ["model": provider.model]
    switch provider.dialect {
    case .anthropic:
      body["system"] = [
        ["type": "text", "text": prefix, "cache_control": ["type": "ephemeral"]] as [String: Any]
      ]
      body["messages"] = [["role": "user", "content": question]]
      guard !countsOnly else { break }
      body["max_tokens"] = tokenLimit
      body["stream"] = true
      if isStructured {
        body["output_config"] = ["format": ["type": "json_schema", "schema": Self.schema]]
      }
    case .openAI:
      let messages = [
        ["role": "system", "content": prefix], ["role": "user", "content": question],
      ]
      body[countsOnly ? "input" : "messages"] = messages
      guard !countsOnly else { break }
      body[provider.limitName] = tokenLimit
      body["stream"] = true
      body["stream_options"] = ["include_usage": true]
      if isStructured {
        body["response_format"] = [
          "type": "json_schema",
          "json_schema": ["name": "functions", "strict": true, "schema": Self.schema]
            as [String: Any],
        ]
      }
    }
    // Texts and numbers only: nothing that could fail.
    return
      (try? JSONSerialization.data(
        withJSONObject: body, options: [.sortedKeys, .withoutEscapingSlashes])) ?? Data()
  }

  private static var schema: [String: Any] {
    let function: [String: Any] = [
      "type": "object", "additionalProperties": false,
      "required": ["number", "findings", "python"],
      "properties": [
        "number": ["type": "integer"], "findings": ["type": "string"],
        "python": ["type": "string"],
      ],
    ]
    return [
      "type": "object", "additionalProperties": false, "required": ["functions"],
      "properties": ["functions": ["type": "array", "items": function] as [String: Any]],
    ]
  }
}
