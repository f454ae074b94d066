import AnnotatedC
import ArgumentParser
import Basics
import Decompilation
import Foundation
import Interpretation
import LanguageModel
import ModuleRecovery
import Naming

/// Asks a model about functions of a module, and takes what passes the checks.
///
/// The deterministic text stays wherever an answer is missing, refused, cut off or does not pass.
struct ModelRefinement {
  private let options: ModelOptions
  private let provider: Provider
  private let prices: Prices
  private let client: Client
  private let cache: AnswerCache
  private let gate = Gate()
  private var outcomes: [String: ModelReport.Function] = [:]
  private var order: [String] = []
  private var accepted: [String: Gate.Candidate] = [:]
  private var summary: ModelReport
  /// The tokens of requests, by their keys, where the provider counted them.
  private var counted: [String: Int] = [:]
  /// What ends the run early, as an exit code.
  private var exitCode: Int32?

  /// Why the run ended early.
  var failure: Failure? {
    exitCode.map { Failure(code: $0, "the model was not asked further: \(summary.stopped ?? "")") }
  }

  /// How often a failed check is sent back.
  private static let revisions = 2
  private static let providerError: Int32 = 20
  private static let budgetReached: Int32 = 21
  private static let consentMissing: Int32 = 22

  init?(_ options: ModelOptions) throws(Failure) {
    guard let text = options.llm else { return nil }
    self.options = options
    let environment = ProcessInfo.processInfo.environment
    do {
      provider = try Provider(
        text, url: options.llmURL, keyFile: options.llmKeyFile, environment: environment)
    } catch {
      throw Failure(code: 2, error.text)
    }
    if let path = options.llmPrices {
      guard let table = try? Prices(Data(try ModuleFile.read(path))) else {
        throw Failure(code: 2, "\(Terminal.escaped(path)): not a table of prices")
      }
      prices = table
    } else {
      prices = .bundled
    }
    client = Client(provider)
    cache = AnswerCache(environment: environment)
    summary = ModelReport(model: text, host: provider.host, pricesAsOf: prices.asOf)
    if options.maxCost != nil, prices.cost(Usage(), provider) == nil {
      throw Failure(
        code: Self.budgetReached, "no price is known of this model: --max-cost cannot be kept")
    }
  }

  /// - Parameters:
  ///   - source: the module as Python.
  ///   - report: how far its functions were understood.
  ///   - input: the module.
  /// - Returns: the same, with the functions that came back better.
  /// - Throws: ``Failure``.
  mutating func run(
    _ source: String, _ report: ModuleReport, _ input: ModuleInput
  ) throws(Failure) -> (source: String, report: ModuleReport) {
    let analysis = try ModuleAnalysis(
      input, bytes: input.bytes(), source: source, report: report)
    // What is asked about anyway needs no verdict before.
    let isLate = options.llmAll && !options.llmUnverified
    let verdicts = isLate ? nil : try? RecompilationCheck.verdicts(source, input)
    let canCompare = isLate || verdicts != nil
    let questions = try questions(analysis, verdicts)
    order = questions.map(\.name)
    for name in order { outcomes[name] = .init(name: name, outcome: .unasked) }
    let builder = builder(analysis, for: questions)
    var pending = questions
    let first = builder.groups(pending)
    if try !begin(first.map(builder.request)) { return (source, report) }
    let evidence = EvidenceReader(analysis.names)
    for round in 0...Self.revisions where !pending.isEmpty && exitCode == nil {
      var answers: [String: Answer] = [:]
      for group in builder.groups(pending) where exitCode == nil {
        answers.merge(ask(group, builder, mayDivide: true)) { first, _ in first }
      }
      let candidates = pending.compactMap { question -> Gate.Candidate? in
        guard let answer = answers[question.name] else { return nil }
        outcomes[question.name]?.findings = String(answer.findings.prefix(4000))
        outcomes[question.name]?.rounds = round + 1
        var known = evidence.evidence(of: question.name)
        known.outline = question.python.contains("# decython: outline:")
        return Gate.Candidate(name: question.name, python: answer.python, evidence: known)
      }
      let failed = try judge(candidates, source, input, canCompare)
      pending = pending.compactMap { question in
        guard let check = failed[question.name], let answer = answers[question.name] else {
          return nil
        }
        var question = question
        question.failed = (answer.python, check)
        return question
      }
    }
    return try finish(source, report)
  }

  // MARK: Questions

  private func questions(
    _ analysis: ModuleAnalysis, _ verdicts: [VerificationReport.Row]?
  ) throws(Failure) -> [Question] {
    let verified = Set((verdicts ?? []).filter { $0.verdict == "verified" }.map(\.function))
    var counts: [String: Int] = [:]
    for entry in analysis.names.catalogue.entries { counts[entry.name, default: 0] += 1 }
    let rows = analysis.report.functions.filter { row in
      row.name != "<module>" && !row.name.contains("<") && counts[row.name] == 1
        && (options.llmAll || row.rung < .structured
          || verdicts != nil && !verified.contains(row.name))
    }
    let texts: [Gate.Function]
    do {
      texts = try gate.functions(rows.map(\.name), of: analysis.source)
    } catch {
      throw Failure(code: 1, error.text)
    }
    let python = Dictionary(texts.map { ($0.name, $0.python) }) { first, _ in first }
    let dump = analysis.dump()
    let files = Dictionary(dump.files.map { ($0.name, $0.text) }) { first, _ in first }
    return rows.compactMap { row in
      guard let text = python[row.name] else { return nil }
      let code = dump.rows.filter {
        $0.function == row.name || $0.function.hasPrefix(row.name + ".<locals>.")
      }.compactMap { files[$0.file] }.joined(separator: "\n")
      let check = verdicts?.first { $0.function == row.name }.map(\.text)
      let doubt = [row.reason, check].compactMap(\.self).joined(separator: "; ")
      return Question(
        name: row.name, code: code, python: text, doubt: doubt.isEmpty ? "nothing" : doubt)
    }
  }

  private mutating func builder(
    _ analysis: ModuleAnalysis, for questions: [Question]
  ) -> PromptBuilder {
    var texts: [(text: String, name: String)] = []
    var constants: [(name: String, text: String)] = []
    let mentioned = Set(questions.flatMap(\.identifiers))
    for (address, object) in analysis.names.objects {
      if mentioned.contains(object.name),
        object.name != "__pyx_n_s_" + object.text.dropFirst().dropLast()
      {
        constants.append((object.name, object.text))
      }
      if case .string(let text)? = analysis.module.state.values[address], let text = text.string {
        texts.append((text, object.name))
      }
    }
    texts.sort { $0.name < $1.name }
    let redaction = Redaction(texts, isOn: options.llmRedact == .secrets)
    self.redaction = redaction
    summary.redactedSecrets = redaction.count
    let templates = options.llmTemplates.map { PromptTemplates(folder: $0) } ?? .bundled
    return PromptBuilder(
      templates, redaction, constants: constants, isStructured: isStructured,
      tokenLimit: options.llmMaxTokens, dialect: provider.dialect)
  }

  private var redaction = Redaction([])

  /// Servers of one's own take a form for answers at times only.
  private var isStructured: Bool {
    switch options.llmFormat {
    case .json: true
    case .tags: false
    case .auto: !provider.isLoopback
    }
  }

  // MARK: Before anything is sent

  /// Says what would be sent, and asks whether it may.
  ///
  /// - Returns: whether it is to be sent.
  private mutating func begin(_ requests: [Request]) throws(Failure) -> Bool {
    let tokens = requests.reduce(0) { $0 + $1.estimatedTokens }
    let bytes = requests.reduce(0) { $0 + $1.body(for: provider).count }
    summary.estimatedInputTokens = tokens
    Terminal.error(
      "model: \(Terminal.escaped(provider.model)) at \(Terminal.escaped(provider.host)): "
        + "\(requests.count) requests, \(bytes) bytes, about \(tokens) tokens, \(worstPrice(of: requests, tokens)) for a first round; "
        + "they hold names, constants and code of the module, \(summary.redactedSecrets) secrets left out"
    )
    if options.llmDryRun {
      try writePrompts(requests)
      return false
    }
    guard !requests.isEmpty else { return true }
    let asksNothing = requests.allSatisfy { cache[key(of: $0)] != nil }
    guard provider.isLoopback || options.consents || asksNothing else {
      throw Failure(
        code: Self.consentMissing,
        "nothing was sent to \(provider.host): --i-consent-to-upload is missing")
    }
    guard provider.isLoopback || provider.hasKey || asksNothing else {
      throw Failure(code: 2, "no key: set ANTHROPIC_API_KEY, OPENAI_API_KEY or give --llm-key-file")
    }
    if !asksNothing { countTokens(requests) }
    return true
  }

  private func worstPrice(of requests: [Request], _ tokens: Int) -> String {
    let worst = prices.worst(
      inputTokens: tokens, outputTokens: requests.count * options.llmMaxTokens, provider)
    return worst.map { "at most $" + String(format: "%.4f", $0) } ?? "of unknown cost"
  }

  /// Asks for the exact number where the provider tells it at no price; a server that does not leaves
  /// the estimate.
  private mutating func countTokens(_ requests: [Request]) {
    var sum = 0
    for request in requests {
      guard let count = client.count(request) else { return }
      counted[key(of: request)] = count
      sum += count
    }
    summary.estimatedInputTokens = sum
    Terminal.error(
      "model: the provider counts \(sum) tokens, \(worstPrice(of: requests, sum)) for a first round"
    )
  }

  private func writePrompts(_ requests: [Request]) throws(Failure) {
    let folder = URL(filePath: options.llmPrompts, directoryHint: .isDirectory)
    for (index, request) in requests.enumerated() {
      let place = folder.appending(path: "prompt-\(index + 1)").path
      try OutputPlan.write(request.body(for: provider), to: place + ".json")
      try OutputPlan.write(request.prefix + "\n" + request.question, to: place + ".txt")
    }
    Terminal.error(
      "model: nothing was sent; prompts are in \(Terminal.escaped(options.llmPrompts))")
  }

  private func key(of request: Request) -> String {
    cache.key(
      request, provider, version: "\(Decython.configuration.version)/\(PromptTemplates.version)")
  }

  // MARK: Asking

  private mutating func ask(
    _ group: [Question], _ builder: PromptBuilder, mayDivide: Bool
  ) -> [String: Answer] {
    guard let response = response(to: builder.request(group)) else {
      for question in group where exitCode != Self.budgetReached {
        outcomes[question.name]?.outcome = .missing
      }
      return [:]
    }
    if response.end == .refused {
      for question in group {
        outcomes[question.name]?.outcome = .refused
        outcomes[question.name]?.reason = response.category
      }
      return [:]
    }
    let found = AnswerParser.functions(
      redaction.restore(response.text), isStructured: isStructured)
    var answers: [String: Answer] = [:]
    var lost: [Question] = []
    for (index, question) in group.enumerated() {
      if let answer = found[index + 1] {
        answers[question.name] = answer
      } else {
        lost.append(question)
      }
    }
    guard response.end == .truncated else {
      for question in lost { outcomes[question.name]?.outcome = .missing }
      return answers
    }
    guard mayDivide, group.count > 1 else {
      for question in lost { outcomes[question.name]?.outcome = .truncated }
      return answers
    }
    let half = (lost.count + 1) / 2
    for part in [Array(lost.prefix(half)), Array(lost.dropFirst(half))] where !part.isEmpty {
      answers.merge(ask(part, builder, mayDivide: false)) { first, _ in first }
    }
    return answers
  }

  private mutating func response(to request: Request) -> Response? {
    let key = key(of: request)
    if let known = cache[key] {
      summary.answersFromCache += 1
      return known
    }
    if let most = options.maxCost,
      let worst = prices.worst(
        inputTokens: counted[key] ?? request.estimatedTokens * 2,
        outputTokens: options.llmMaxTokens, provider),
      (prices.cost(summary.usage, provider) ?? 0) + worst > most
    {
      stop(Self.budgetReached, "the next request could cost more than is left")
      return nil
    }
    do throws(Client.Failure) {
      var response = try client.send(request)
      // Servers may leave out what a prompt had, llama.cpp's where it begins without `message_start`.
      if response.usage.allInput == 0 {
        response.usage.input = counted[key] ?? request.estimatedTokens
      }
      cache.keep(response, under: key)
      summary.usage += response.usage
      return response
    } catch {
      switch error {
      case .connection(let text): stop(Self.providerError, text)
      case .provider(let problem):
        let number = problem.request.map { " (request \($0))" } ?? ""
        let text = "\(problem.status) \(problem.kind): \(problem.message)\(number)"
        if problem.endsRun || problem.status == 429 || problem.status >= 500 {
          stop(Self.providerError, text)
        } else {
          summary.stopped = text
        }
      }
      return nil
    }
  }

  private mutating func stop(_ code: Int32, _ reason: String) {
    exitCode = code
    summary.stopped = reason
  }

  // MARK: Judging

  /// Takes what passes.
  ///
  /// - Returns: the checks that the others failed, by function.
  private mutating func judge(
    _ candidates: [Gate.Candidate], _ source: String, _ input: ModuleInput, _ canCompare: Bool
  ) throws(Failure) -> [String: String] {
    guard !candidates.isEmpty else { return [:] }
    var failed: [String: String] = [:]
    let (verdicts, _) = try check(candidates, source, isLenient: canCompare)
    var left: [Gate.Candidate] = []
    for (candidate, verdict) in zip(candidates, verdicts) {
      if let reason = verdict.reason {
        failed[candidate.name] = reason
      } else if verdict.isUnchanged {
        outcomes[candidate.name]?.outcome = .unchanged
      } else {
        left.append(candidate)
      }
    }
    if canCompare {
      failed.merge(try compare(left, source, input)) { first, _ in first }
    } else {
      for candidate in left {
        if options.llmUnverified {
          accept(candidate, .unverified)
        } else {
          failed[candidate.name] = "it could not be compiled and compared"
        }
      }
    }
    for (name, reason) in failed {
      outcomes[name]?.outcome = .rejected
      outcomes[name]?.reason = reason
    }
    return canCompare ? failed : [:]
  }

  private mutating func accept(_ candidate: Gate.Candidate, _ outcome: ModelReport.Outcome) {
    accepted[candidate.name] = candidate
    outcomes[candidate.name]?.outcome = outcome
    outcomes[candidate.name]?.reason = nil
  }

  private func check(
    _ candidates: [Gate.Candidate], _ source: String, isLenient: Bool
  ) throws(Failure) -> (verdicts: [Gate.Verdict], source: String) {
    do {
      return try gate.check(candidates, in: source, isLenient: isLenient, note: note)
    } catch {
      throw Failure(code: 1, error.text)
    }
  }

  private var note: String {
    "decython: written by \(provider.model); "
      + (options.llmUnverified ? "see the report" : RecompilationCheck.evidence)
  }

  /// Compiles the file with candidates in it; what does not compile as a whole is tried piece by piece.
  private mutating func compare(
    _ candidates: [Gate.Candidate], _ source: String, _ input: ModuleInput
  ) throws(Failure) -> [String: String] {
    guard !candidates.isEmpty else { return [:] }
    let (_, merged) = try check(candidates, source, isLenient: true)
    let rows: [VerificationReport.Row]
    do {
      rows = try RecompilationCheck.verdicts(merged, input)
    } catch {
      guard candidates.count > 1 else { return [candidates[0].name: error.message] }
      var failed: [String: String] = [:]
      for candidate in candidates {
        failed.merge(try compare([candidate], source, input)) { first, _ in first }
      }
      return failed
    }
    var failed: [String: String] = [:]
    for candidate in candidates {
      let own = rows.filter {
        $0.function == candidate.name || $0.function.hasPrefix(candidate.name + ".<locals>.")
      }
      let problem = own.first { $0.verdict != "verified" }
      if own.isEmpty || problem != nil {
        let isUnknown = problem?.verdict == "unknown"
        if isUnknown, options.llmUnverified {
          accept(candidate, .unverified)
        } else {
          failed[candidate.name] = String(
            (problem?.text ?? "it is not in the compiled file").prefix(1500))
        }
      } else {
        accept(candidate, .verified)
      }
    }
    return failed
  }

  // MARK: The end

  private mutating func finish(
    _ source: String, _ report: ModuleReport
  ) throws(Failure) -> (source: String, report: ModuleReport) {
    let taken = order.compactMap { accepted[$0] }
    let (_, merged) = try check(taken, source, isLenient: true)
    var report = report
    for index in report.functions.indices {
      let name = report.functions[index].name
      guard accepted[name] != nil else { continue }
      if outcomes[name]?.outcome == .verified {
        report.functions[index].rung = .verified
        report.functions[index].check =
          "written by \(provider.model), \(RecompilationCheck.evidence)"
      } else {
        report.functions[index].check = "written by \(provider.model), not compared"
      }
    }
    summary.functions = order.compactMap { outcomes[$0] }
    (summary.requests, summary.retries) = (client.requests, client.retries)
    summary.cost = prices.cost(summary.usage, provider)
    for line in summary.summary { Terminal.error(line) }
    if let path = options.llmReport {
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
      guard let data = try? encoder.encode(summary) else {
        throw Failure(code: 1, "internal error: the report cannot be written")
      }
      try OutputPlan.write(data + Data("\n".utf8), to: path)
    }
    return (merged, report)
  }
}
