import Basics
import Interpretation
import ModuleRecovery
import PythonSyntax
import RuntimeModel
import Structuring

/// The parameters of a function without a code object, as its wrapper takes them apart.
///
/// The wrapper takes a receiver, a tuple and a dict, as those of `tp_init` and `tp_call` do
/// (`DefNodeWrapper` in `Cython/Compiler/Nodes.py`). It is run with other numbers of arguments each time.
struct WrapperParameters {
  private(set) var names: [Text] = []
  private(set) var positionalCount = 0
  private(set) var hasStar = false
  private(set) var hasDoubleStar = false
  private(set) var defaults: WrapperDefaults?
  /// How the wrapper is run so that all parameters are given; nil if it is not understood.
  private(set) var signature: WrapperSignature?
  private let run: WrapperDefaults.Run

  /// `METH_VARARGS | METH_KEYWORDS` in CPython's Include/methodobject.h.
  private static let flags: UInt64 = 3

  /// - Parameters:
  ///   - wrapper: where its code starts.
  ///   - module: the module.
  ///   - run: runs the wrapper.
  init(_ wrapper: UInt64, _ module: OpenedModule, run: @escaping WrapperDefaults.Run) {
    self.run = run
    let probe = KeywordProbe(wrapper, module.interpreter)
    names = probe.names
    hasDoubleStar = probe.hasStarKeywords
    // What is not given by position is given by keyword.
    for count in (0...names.count).reversed() where run(signature(positional: count), nil) != nil {
      positionalCount = count
      signature = signature(positional: count)
      break
    }
    guard let plain = signature else { return }
    let starred = signature(positional: positionalCount, hasStar: true)
    if run(starred, nil) != nil {
      hasStar = true
      signature = starred
    }
    defaults = WrapperDefaults(plain, module.program, run: run)
  }

  private func signature(positional count: Int, hasStar: Bool = false) -> WrapperSignature {
    WrapperSignature(
      flags: Self.flags, positionalCount: count, keywordOnlyNames: Array(names.dropFirst(count)),
      hasStarArguments: hasStar, hasStarKeywords: hasDoubleStar, isMethod: true)
  }

  /// The code object that the function would have.
  func code(named name: String) -> CodeObject {
    var code = CodeObject()
    code.name = Text(name)
    code.variableNames = [Text("self")] + names
    code.argumentCount = 1 + positionalCount
    code.keywordOnlyCount = names.count - positionalCount
    code.flags = (hasStar ? 4 : 0) | (hasDoubleStar ? 8 : 0)
    if hasStar { code.variableNames.append(Text("args")) }
    if hasDoubleStar { code.variableNames.append(Text("kwargs")) }
    return code
  }

  /// Why not all of the parameters are known.
  var problem: NotUnderstood? {
    if signature == nil { return NotUnderstood("arguments that are taken apart in an unknown way") }
    return defaults?.problem
  }
}
