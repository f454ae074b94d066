import Basics
import Interpretation
import ModuleRecovery
import PythonSyntax
import Structuring

/// The defaults of positional parameters that only a wrapper knows.
///
/// It is run with fewer and fewer arguments; what then lies in the place of those that are missing are
/// their defaults (`generate_argument_values_setup_code` in `Cython/Compiler/Nodes.py`).
struct WrapperDefaults {
  /// Runs the wrapper until it has taken its arguments apart, or control gets to an address; nil if it refuses
  /// the arguments.
  typealias Run = (WrapperSignature, UInt64?) -> WrapperSnapshot?

  /// Those of the last parameters, nil for one that is not known.
  private var values: [Expression?] = []

  /// - Parameters:
  ///   - signature: how the wrapper is called with all arguments.
  ///   - program: the module.
  ///   - run: runs the wrapper.
  init(_ signature: WrapperSignature, _ program: Program, run: Run) {
    var signature = signature
    if run(signature, nil) == nil, let method = signature.ofMethod { signature = method }
    guard let full = run(signature, nil) else { return }
    var least = signature.positionalCount
    var short: WrapperSnapshot?
    while least > 0, let found = run(signature.giving(least - 1), nil) {
      short = found
      least -= 1
    }
    guard var short else { return }
    var whole = full
    if short.machine.address != whole.machine.address {
      // One of them has gone further.
      if let later = run(signature, short.machine.address),
        later.machine.address == short.machine.address
      {
        whole = later
      } else if let later = run(signature.giving(least), whole.machine.address) {
        short = later
      }
    }
    let expressions = ConstantExpressions(program)
    let own = signature.isMethod ? 1 : 0
    for index in least..<signature.positionalCount {
      guard short.machine.address == whole.machine.address,
        whole.parameters.indices.contains(own + index)
      else {
        values.append(nil)
        continue
      }
      let found = whole.machine.values(
        inPlaceOf: whole.parameters[own + index], in: short.machine)
      // Other registers hold what nobody needs any more; null is an object that is yet to be made.
      let constants = Set(found.compactMap { expressions.expression($0) })
      values.append(found.contains(0) || constants.count != 1 ? nil : constants.first)
    }
  }

  /// Those that are known, as far as no other one stands behind them.
  var known: [Expression] {
    Array(values.reversed().prefix { $0 != nil }.compactMap(\.self).reversed())
  }

  /// Why not all of them are known.
  var problem: NotUnderstood? {
    values.contains { $0 == nil }
      ? NotUnderstood("a default that the module's own code makes") : nil
  }
}

extension WrapperSignature {
  /// The same function with fewer arguments given by position.
  fileprivate func giving(_ count: Int) -> WrapperSignature {
    WrapperSignature(
      flags: flags, positionalCount: count, keywordOnlyNames: keywordOnlyNames,
      hasStarArguments: false, hasStarKeywords: hasStarKeywords, isMethod: isMethod)
  }
}

extension MachineSnapshot {
  /// What lies, in another state of the same function, where a word lies in this one.
  fileprivate func values(inPlaceOf word: UInt64, in other: MachineSnapshot) -> Set<UInt64> {
    var found: Set<UInt64> = []
    for (offset, value) in registers where value == word {
      if let there = other.register(at: offset) { found.insert(there) }
    }
    for place in stack.indices where self.stack(at: place) == word {
      if let there = other.stack(at: place) { found.insert(there) }
    }
    return found
  }
}
