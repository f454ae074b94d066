import Basics
package import IR
import Interpretation
package import ModuleRecovery
package import Simplification

/// A function that is left with what it means: no reference counts, no errors, no faster ways.
package struct PreparedFunction: ~Copyable {
  package var function: Function
  package let locals: LocalEvidence
  /// The function object that the code was called with.
  package let receiver: UInt64?
  /// The error sites by the block whose branch to them was taken away.
  package let sites: [PruneBranches.PrunedError]
}

extension PreparedFunction {
  /// Builds a function from its start on and prunes it.
  ///
  /// - Returns: nil if there is no sound code at the start.
  package init?(_ program: Program, from state: EntryState) {
    self.init(program, at: state.snapshot.address, state)
  }

  /// Builds a C function that takes no arguments apart.
  package init?(_ program: Program, at address: UInt64) {
    self.init(program, at: address, nil)
  }

  private init?(_ program: Program, at address: UInt64, _ state: EntryState?) {
    guard let constructed = program.construct(at: address) else { return nil }
    var function = constructed.takeFunction()
    let view = ProgramView(program)
    receiver = state?.receiver
    let machine = program.machine
    func simplify(_ function: inout Function) {
      // Rewrites shrink the function; the limit is for the hostile case that they do not.
      for _ in 0..<64 {
        guard function.canonicalizePureInstructions() || function.removeTrivialPhis() else { break }
      }
      function.removeForwarded()
    }
    func settle(_ function: inout Function) {
      for _ in 0..<4 {
        simplify(&function)
        let promoted = PromoteStack.run(on: &function, machine: machine, effects: view)
        let bound = state.map { function.bind($0, machine: machine) } ?? false
        let merged = function.mergeTypeLoads()
        guard function.trimSlotCalls() || merged || promoted || bound else { break }
      }
      simplify(&function)
    }
    settle(&function)
    var counts = function.recognizeReferenceCounts(machine)
    func prune(_ rules: [BranchRule], _ function: inout Function) -> [PruneBranches.PrunedError] {
      let context = BranchContext(
        facts: view, counts: counts, errors: ErrorPaths(function, view))
      var pass = PruneBranches(rules, context: context)
      while pass.run(on: &function) {
        settle(&function)
        counts.formUnion(function.recognizeReferenceCounts(machine))
        pass.context.counts = counts
        pass.context.errors = ErrorPaths(function, view)
      }
      return pass.sites
    }
    // Errors show only once the branches of reference counting are gone.
    _ = prune(BranchRule.beforeErrors, &function)
    locals = LocalEvidence(function, view)
    var sites = function.separateHandlers(view)
    sites += prune(BranchRule.all, &function)
    while function.threadFlags() {
      settle(&function)
      sites += prune(BranchRule.all, &function)
    }
    self.sites = sites
    function.removeDead()
    self.function = function
  }

  package consuming func takeFunction() -> Function { function }
}
