import ArgumentParser
import Foundation

/// `decython MODULE…`.
struct Decompile: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Writes modules as Python (the default).")

  @Argument(
    help: "Extension modules; folders, wheels, zip or tar archives that hold some; - is input.")
  var modules: [String]

  @Option(
    name: .shortAndLong, help: "The file to write, - for output, or the folder for several modules."
  )
  var output: String?

  @Option(help: "Writes a report on every function, as JSON, to this file; - is standard output.")
  var json: String?

  @Option(
    name: .shortAndLong, help: "How many modules are worked on at a time; 0: in this process.")
  var jobs = ProcessInfo.processInfo.activeProcessorCount

  @Option(
    help: """
      Seconds of a processor after which a function is given up; a module that loses five times as many is \
      left at what is done.
      """)
  var timeoutPerFunction = 120

  @Option(help: "The most memory for one module, in MiB; 0 is no limit.")
  var maxMemory = 4096

  @Flag(
    help: "Compiles what was recovered with the Cython of the module's version and compares.")
  var verify = false

  @Flag(help: "Where statements stand: on their original lines if known, or packed.")
  var layout = Layout.lines

  @Option(
    help: """
      With --verify, how many other forms are tried of each function that differs; a form is kept if it \
      is the same as the module's.
      """)
  var repair = 0

  @Flag(help: "Exits with 3 if any function is not fully understood.")
  var strict = false

  @Flag(name: .shortAndLong, help: "Says nothing on standard error but errors.")
  var quiet = false

  @OptionGroup(title: "Model Options") var model: ModelOptions

  mutating func validate() throws {
    guard jobs >= 0, timeoutPerFunction > 0, maxMemory >= 0, repair >= 0 else {
      throw ValidationError("numbers must not be negative")
    }
  }

  mutating func run() throws {
    var inputs: [ModuleInput] = []
    var failures: [Failure] = []
    for path in modules {
      do throws(Failure) {
        inputs += try ModuleInput.expand(path)
      } catch {
        note(error, &failures)
      }
    }
    if inputs.isEmpty, failures.isEmpty {
      note(Failure(code: Failure.notFound, "no extension modules found"), &failures)
    }
    let isArchive = inputs.count == 1 && !modules.contains(inputs[0].path)
    let toFolder =
      modules.count > 1 || inputs.count > 1 || isArchive
      || (output.map(ModuleInput.isFolder) ?? false)
    var plan = OutputPlan(output, toFolder: toFolder)
    let targets = inputs.map { plan.path(for: $0) }
    var reports: [ModuleReport] = []
    let limits = WorkerPool.Limits(
      jobs: jobs, seconds: timeoutPerFunction, megabytes: maxMemory)
    WorkerPool(limits: limits, layout: layout).run(inputs) { number, outcome in
      let count = inputs.count > 1 ? "[\(number + 1)/\(inputs.count)] " : ""
      do throws(Failure) {
        switch outcome {
        case .failure(let failure): throw failure
        case .module(var source, var report):
          var problem: Failure?
          do throws(Failure) {
            if var refinement = try ModelRefinement(model) {
              (source, report) = try refinement.run(source, report, inputs[number])
              problem = refinement.failure
            }
          } catch {
            problem = error
          }
          if verify {
            do throws(Failure) {
              (source, report) = try RecompilationCheck.run(
                source, report, inputs[number], rounds: repair)
            } catch {
              problem = error
            }
          }
          try OutputPlan.write(source, to: targets[number])
          if !quiet { Terminal.error(count + report.summary(writtenTo: targets[number])) }
          reports.append(report)
          if let problem { note(problem, &failures) }
        }
      } catch {
        note(error, &failures)
      }
    }
    try finish(reports, failures)
  }

  private func note(_ failure: Failure, _ failures: inout [Failure]) {
    Terminal.error("decython: " + failure.message)
    failures.append(failure)
  }

  /// Writes the report and ends with the first failure's code.
  private func finish(_ reports: [ModuleReport], _ failures: [Failure]) throws {
    if let json, !reports.isEmpty || failures.count > 1 {
      do throws(Failure) {
        try OutputPlan.write(ModuleReport.encode(reports, failures), to: json)
      } catch {
        error.exit()
      }
    }
    if let failure = failures.first { throw ExitCode(failure.code) }
    if strict, reports.contains(where: { !$0.isComplete }) { throw ExitCode(3) }
  }
}
