import Basics
import Interpretation
import PythonSyntax
import Raising
import Structuring

// What can be said of code that is not understood.
extension FunctionDecompiler {
  /// The functions and classes that code makes.
  func definitions(from start: EntryState, scope: Scope) -> [Statement] {
    guard let raiser = raised(from: start) ?? raisedAnyway(from: start) else { return [] }
    var locals = LocalEvidence()
    if case .function = scope { locals = raiser.locals }
    return FunctionStructurer.definitions(raiser, locals, structuringScope(scope, raiser, start))
  }

  /// The functions and classes in a function whose body is not understood.
  func innerDefinitions(
    _ reference: FunctionReference, _ code: CodeObject?, _ wrapper: UInt64
  ) -> [Statement] {
    guard let code,
      let start = (try? bodyStart(reference, code, wrapper))
        ?? (try? entry(reference, code, wrapper))
    else { return [] }
    return definitions(from: start, scope: .function(code))
  }
}
