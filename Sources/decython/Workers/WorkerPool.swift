import Decompilation
import Foundation

/// Decompiles modules in processes of their own, several at a time.
///
/// A process that dies or does not get on costs the function that it was at: the module is taken up
/// again without that function. What comes out does not depend on how many work at a time.
struct WorkerPool {
  struct Limits {
    /// How many processes work at a time; 0 works in this process alone.
    var jobs: Int
    /// The most seconds of a processor for one function.
    var seconds: Int
    /// The most memory of a process, in MiB; 0 is no limit.
    var megabytes: Int

    /// A module that has cost more time when one of its functions is given up is not taken up again
    /// for more than what was done by then.
    var patience: Double { Double(seconds * 5) }

    /// The longest that nothing may be heard of a function, however little time processors had for it.
    var silence: Duration { .seconds(seconds * 20) }
  }

  enum Outcome {
    case module(source: String, report: ModuleReport)
    case failure(Failure)
  }

  /// Why a function that did not get on was left out.
  static let tooSlow = "took too long"
  /// Why those functions were left out that their module left no time for.
  static let noTimeLeft = "the module took too long"
  /// Whether a function was left out for a reason that a faster machine would not know.
  static func isLackOfTime(_ reason: String?) -> Bool { reason == tooSlow || reason == noTimeLeft }

  /// After that many functions on which a module failed, the module is given up.
  private static let attemptLimit = 16

  let limits: Limits
  var layout = Layout.compact

  /// A module that is under way.
  private struct Task {
    let number: Int
    let bytes: [UInt8]
    let request: WorkerRequest
    let process: ChildProcess
    var unread: [UInt8] = []
    /// The functions that are begun and not finished, outermost first.
    var functions: [(address: UInt64, name: String)] = []
    /// The functions that are finished, by the address of their code.
    var finished: Set<UInt64> = []
    var lastHeard = ContinuousClock.now
    /// The time that processors had spent on the process by then, in seconds.
    var secondsHeard = 0.0
    /// The time that processors spent on processes of the module that were ended, in seconds.
    var secondsLost = 0.0
    var isTooSlow = false
    var outcome: Outcome?
  }

  /// - Parameters:
  ///   - inputs: the modules.
  ///   - finish: takes what became of a module, in the order of the inputs.
  func run(_ inputs: [ModuleInput], finish: (Int, Outcome) -> Void) {
    guard limits.jobs > 0 else { return runHere(inputs, finish: finish) }
    ChildProcess.ignoreBrokenPipes()
    var next = 0
    var tasks: [Task] = []
    var outcomes: [Int: Outcome] = [:]
    var delivered = 0
    while next < inputs.count || !tasks.isEmpty {
      while next < inputs.count, tasks.count < limits.jobs {
        start(inputs[next], number: next, &tasks, &outcomes)
        next += 1
      }
      step(&tasks, &outcomes)
      while let outcome = outcomes.removeValue(forKey: delivered) {
        finish(delivered, outcome)
        delivered += 1
      }
    }
  }

  private func runHere(_ inputs: [ModuleInput], finish: (Int, Outcome) -> Void) {
    for (number, input) in inputs.enumerated() {
      do throws(Failure) {
        let bytes = try input.bytes()
        let message = Decompilation(request(input)).run(bytes) { _ in }
        finish(number, outcome(message) ?? .failure(Self.noAnswer(input.path)))
      } catch {
        finish(number, .failure(error))
      }
    }
  }

  private func start(
    _ input: ModuleInput, number: Int, _ tasks: inout [Task], _ outcomes: inout [Int: Outcome]
  ) {
    do throws(Failure) {
      tasks.append(try launch(number, try input.bytes(), request(input)))
    } catch {
      outcomes[number] = .failure(error)
    }
  }

  private func request(_ input: ModuleInput) -> WorkerRequest {
    WorkerRequest(
      path: input.path, archive: input.archive, layout: layout, memory: limits.megabytes)
  }

  private func launch(
    _ number: Int, _ bytes: [UInt8], _ request: WorkerRequest
  ) throws(Failure) -> Task {
    guard let process = ChildProcess(arguments: ["worker"]),
      let line = try? JSONEncoder().encode(request)
    else { throw Failure(code: 1, "a process cannot be started") }
    process.send([UInt8](line) + [UInt8(ascii: "\n")] + bytes)
    return Task(number: number, bytes: bytes, request: request, process: process)
  }

  /// Takes in what the processes say, and looks after those that say nothing.
  private func step(_ tasks: inout [Task], _ outcomes: inout [Int: Outcome]) {
    let isReady = ChildProcess.poll(tasks.map(\.process))
    var going: [Task] = []
    for (index, task) in tasks.enumerated() {
      var task = task
      if isReady[index] {
        if let bytes = task.process.receive() {
          take(bytes, &task)
        } else if let again = end(task, &outcomes) {
          task = again
        } else {
          continue
        }
      } else if isStuck(task), !task.isTooSlow {
        task.isTooSlow = true
        task.secondsLost += task.process.processorSeconds
        task.process.kill()
      }
      going.append(task)
    }
    tasks = going
  }

  /// Whether the function that a task is at takes too long.
  private func isStuck(_ task: Task) -> Bool {
    task.process.processorSeconds - task.secondsHeard > Double(limits.seconds)
      || ContinuousClock.now - task.lastHeard > limits.silence
  }

  private func take(_ bytes: [UInt8], _ task: inout Task) {
    task.unread += bytes
    guard let last = task.unread.lastIndex(of: UInt8(ascii: "\n")) else { return }
    task.lastHeard = .now
    task.secondsHeard = task.process.processorSeconds
    for line in task.unread[..<last].split(separator: UInt8(ascii: "\n")) {
      guard let message = WorkerMessage(line: line) else { continue }
      switch message {
      case .begin(let address, let name): task.functions.append((address, name))
      case .end:
        if let function = task.functions.popLast() { task.finished.insert(function.address) }
      case .failure, .finished: task.outcome = outcome(message)
      }
    }
    task.unread.removeSubrange(...last)
  }

  private func outcome(_ message: WorkerMessage) -> Outcome? {
    switch message {
    case .finished(let source, let report): .module(source: source, report: report)
    case .failure(let code, let message): .failure(Failure(code: code, message))
    case .begin, .end: nil
    }
  }

  /// Settles a task whose process is gone.
  ///
  /// - Returns: the task that takes the module up again, if there is hope.
  private func end(_ task: Task, _ outcomes: inout [Int: Outcome]) -> Task? {
    let end = task.process.wait()
    if let outcome = task.outcome {
      outcomes[task.number] = outcome
      return nil
    }
    let reason = task.isTooSlow ? Self.tooSlow : "internal error: \(Self.text(end))"
    guard let culprit = task.functions.last, task.request.skipped[culprit.address] == nil,
      task.request.skipped.count < Self.attemptLimit
    else {
      let place = task.functions.last.map { " at \(Terminal.escaped($0.name))" } ?? ""
      let name = Terminal.escaped(task.request.path)
      outcomes[task.number] = .failure(Failure(code: 1, "\(name): \(reason)\(place)"))
      return nil
    }
    var request = task.request
    request.skipped[culprit.address] = reason
    if request.only == nil, task.secondsLost > limits.patience {
      request.only = .init(task.finished, reason: Self.noTimeLeft)
    }
    return again(task, request, &outcomes)
  }

  private func again(
    _ task: Task, _ request: WorkerRequest, _ outcomes: inout [Int: Outcome]
  ) -> Task? {
    do throws(Failure) {
      var result = try launch(task.number, task.bytes, request)
      result.secondsLost = task.secondsLost
      result.finished = task.finished
      return result
    } catch {
      outcomes[task.number] = .failure(error)
      return nil
    }
  }

  private static func text(_ end: ChildProcess.End) -> String {
    switch end {
    case .exit(let status): "a worker ended with status \(status)"
    case .signal(let number): "a worker was ended by signal \(number)"
    }
  }

  private static func noAnswer(_ path: String) -> Failure {
    Failure(code: 1, "\(Terminal.escaped(path)): internal error: no answer")
  }
}
