import ArgumentParser

/// What a user says of a model that may help.
struct ModelOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Asks a model about functions that are not verified: anthropic:MODEL or openai:MODEL.",
      valueName: "provider:model"))
  var llm: String?

  @Option(help: "Where the model's API stands, such as http://127.0.0.1:8080/v1.")
  var llmURL: String?

  @Option(
    help: "A file that holds the key; else ANTHROPIC_API_KEY, OPENAI_API_KEY or DECYTHON_LLM_KEY.")
  var llmKeyFile: String?

  @Flag(help: "Asks about every function.")
  var llmAll = false

  @Flag(help: "Writes the prompts to a folder and sends nothing.")
  var llmDryRun = false

  @Option(help: "The folder for --llm-dry-run.")
  var llmPrompts = "decython-prompts"

  @Flag(
    name: .customLong("i-consent-to-upload"),
    help: "Lets names, constants and code of the module go to the model's host.")
  var consents = false

  @Option(help: "The most that the run may cost, in US dollars.")
  var maxCost: Double?

  @Option(help: "The most tokens of one answer.")
  var llmMaxTokens = 16_000

  @Option(help: "What stays out of prompts: secrets or none.")
  var llmRedact: Redacted = .secrets

  @Option(help: "How answers are asked for: json, tags or auto.")
  var llmFormat: Form = .auto

  @Option(help: "A table of prices as JSON, instead of the bundled one.")
  var llmPrices: String?

  @Option(help: "A folder with instructions.txt and revision.txt, instead of the bundled texts.")
  var llmTemplates: String?

  @Option(help: "Writes what came of the questions, as JSON, to this file.")
  var llmReport: String?

  @Flag(
    help: "Takes answers, too, that could not be compiled and compared; they are marked.")
  var llmUnverified = false

  enum Redacted: String, CaseIterable, ExpressibleByArgument {
    case secrets, none
  }

  enum Form: String, CaseIterable, ExpressibleByArgument {
    case json, tags, auto
  }

  mutating func validate() throws {
    guard llmMaxTokens > 0, maxCost.map({ $0 >= 0 }) ?? true else {
      throw ValidationError("numbers must not be negative")
    }
  }
}
