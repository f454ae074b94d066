import Basics
import BinaryFormats
import IR
import Interpretation
import ModuleRecovery
import RuntimeModel
import Simplification
import Structuring

// Functions without a code object.
extension FunctionDecompiler {
  /// The code object that a function would have: Cython makes none for lambdas before 3.1, and since
  /// then none for functions without `binding`, whose function objects never tell.
  ///
  /// The names of parameters are known where keywords are parsed; a single parameter has none.
  func madeUpCode(_ reference: FunctionReference) -> CodeObject? {
    let isLambda = reference.qualifiedName.hasSuffix("<lambda>")
    if !isLambda, let known = codesByName[reference.name] {
      return known.count == 1 ? known[0] : nil
    }
    guard let flags = module.program.word(at: reference.definition &+ layout.methodFlags),
      let wrapper = module.program.word(at: reference.definition &+ layout.methodFunction)
    else { return nil }
    var code = CodeObject()
    code.name = Text(reference.name)
    switch flags & 0xFF {
    // METH_NOARGS, METH_O and METH_VARARGS | METH_KEYWORDS in Include/methodobject.h.
    case 4: break
    case 8: code.variableNames = [Text("x")]
    default:
      guard let names = keywordNames(of: wrapper) ?? handedNames(of: wrapper, flags) else {
        return isLambda ? starredCode(reference.name, wrapper, flags) : nil
      }
      code.variableNames = names
    }
    code.argumentCount = code.variableNames.count
    // METH_VARARGS or METH_FASTCALL, and METH_KEYWORDS
    if isLambda, flags & 2 != 0 { addStars(to: &code, wrapper, flags) }
    return code
  }

  /// Adds `*args` and `**kwargs` to the parameters of a lambda that takes more than those with names.
  private func addStars(to code: inout CodeObject, _ wrapper: UInt64, _ flags: UInt64) {
    let names = Set(code.variableNames.compactMap(\.string))
    func add(_ name: String, _ flag: Int) {
      code.variableNames.append(Text(names.contains(name) ? "_" + name : name))
      code.flags |= flag
    }
    if takes(code.argumentCount + 1, wrapper, flags) { add("args", 4) }
    if flags & 0x8F == 3, KeywordProbe(wrapper, module.interpreter).hasStarKeywords {
      add("kwargs", 8)
    }
  }

  /// Whether a wrapper takes so many arguments.
  private func takes(_ count: Int, _ wrapper: UInt64, _ flags: UInt64) -> Bool {
    let signature = WrapperSignature(
      flags: flags, positionalCount: count, keywordOnlyNames: [], hasStarArguments: false,
      hasStarKeywords: false)
    let result = run(wrapper, signature)
    return result.snapshot != nil && !result.isRefused
  }

  /// Why the defaults of a function are not known: without `binding` no object holds them, and only the
  /// parsing of the arguments knows.
  func unknownDefaults(
    _ reference: FunctionReference, _ code: CodeObject?
  ) -> NotUnderstood? {
    if let problem = wrapperDefaults(reference, code)?.problem { return problem }
    let takesMany =
      module.program.word(at: reference.definition &+ layout.methodFlags).map { $0 & 0xC == 0 }
    guard reference.code == nil, !reference.isLambda, takesMany != false else { return nil }
    return NotUnderstood("a function without an object that holds its defaults")
  }

  /// The names that a wrapper hands to the parser of keywords, a list that null ends.
  private func keywordNames(of wrapper: UInt64) -> [Text]? {
    guard let constructed = module.program.construct(at: wrapper) else { return nil }
    let function = constructed.takeFunction()
    let view = ProgramView(module.program)
    for block in function.reversePostorder() {
      for id in function[block].instructions
      where function.callee(of: id, view)?.name == "__Pyx_ParseOptionalKeywords" {
        guard let table = function.argument(1, of: id).flatMap({ function.constant($0) }) else {
          continue
        }
        return texts(inTable: table)
      }
    }
    return nil
  }

  /// The names that a wrapper hands to it in a list that lies in the frame.
  private func handedNames(of wrapper: UInt64, _ flags: UInt64) -> [Text]? {
    // METH_FASTCALL
    guard flags & 0x80 != 0 else { return nil }
    let helpers = ProgramView(module.program).helpers
    return KeywordTable(wrapper, module.interpreter) {
      helpers.function(at: $0)?.name == "__Pyx_ParseOptionalKeywords"
    }.names
  }

  /// The code object of a function that takes any arguments, whose names nothing tells.
  private func starredCode(_ name: String, _ wrapper: UInt64, _ flags: UInt64) -> CodeObject? {
    // METH_VARARGS | METH_KEYWORDS
    guard flags & 0x8F == 3 else { return nil }
    let probe = KeywordProbe(wrapper, module.interpreter)
    guard probe.names.isEmpty else { return nil }
    let isStarred = takes(1, wrapper, flags)
    guard isStarred || probe.hasStarKeywords else { return nil }
    var code = CodeObject()
    code.name = Text(name)
    if isStarred { code.variableNames.append(Text("args")) }
    if probe.hasStarKeywords { code.variableNames.append(Text("kwargs")) }
    code.flags = (isStarred ? 4 : 0) | (probe.hasStarKeywords ? 8 : 0)
    return code
  }

  private func texts(inTable table: UInt64) -> [Text]? {
    var result: [Text] = []
    for index in 0..<64 {
      guard let slot = module.image.pointer(at: table &+ layout.words(index)) else { return nil }
      if slot == 0 { return result }
      guard let address = module.program.word(at: slot),
        case .string(let text)? = module.program.object(at: address)
      else { return nil }
      result.append(text)
    }
    return nil
  }
}
