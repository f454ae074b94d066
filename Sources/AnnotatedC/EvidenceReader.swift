import Basics
import Decompilation
import IR
import Interpretation
package import LanguageModel
import ModuleRecovery
package import Naming
import Raising

/// Collects what the machine code of functions refers to.
package struct EvidenceReader {
  private let names: ModuleNames

  package init(_ names: ModuleNames) { self.names = names }

  /// What a function of the source has, with those inside it.
  package func evidence(of name: String) -> FunctionEvidence {
    var literals: Set<String> = []
    var texts: Set<String> = []
    var variables: Set<String> = []
    var result = FunctionEvidence()
    for entry in names.catalogue.entries
    where entry.name == name || entry.name.hasPrefix(name + ".<locals>.") {
      variables.formUnion(entry.parameters + entry.variables)
      if entry.name != name, let last = entry.name.split(separator: ".").last {
        result.inner.append(String(last))
      }
      guard let raiser = entry.raiser else { continue }
      collect(raiser, &literals, &texts, &result.imports)
    }
    for cell in names.catalogue.cellNames.values { variables.insert(cell) }
    result.literals = literals.sorted()
    result.names = texts.sorted()
    result.variables = variables.sorted()
    result.inner = Set(result.inner).sorted()
    return result
  }

  private func collect(
    _ raiser: Raiser, _ literals: inout Set<String>, _ texts: inout Set<String>,
    _ imports: inout Bool
  ) {
    var seen: Set<Instruction.ID> = []
    for block in raiser.function.reversePostorder() {
      var pending = raiser.function[block].instructions
      if let value = raiser.function[block].terminator.value {
        pending.append(raiser.function.resolve(value))
      }
      while let id = pending.popLast() {
        guard seen.insert(id).inserted else { continue }
        pending += raiser.function.operands(of: id)
        switch raiser.function[id].operation {
        case .constant(let value): note(value, id, raiser, &literals, &texts)
        case .python(let operation):
          if case .importModule = operation { imports = true }
          if case .importFrom = operation { imports = true }
          for symbol in symbols(operation, raiser) {
            let text = raiser.symbols[symbol]
            texts.formUnion(text.split(separator: ".").map(String.init))
          }
        default: break
        }
      }
    }
  }

  private func note(
    _ value: UInt64, _ id: Instruction.ID, _ raiser: Raiser, _ literals: inout Set<String>,
    _ texts: inout Set<String>
  ) {
    if raiser.function.isWord(id) {
      if let object = names.objects[value] {
        literals.insert(object.text)
        // A name may be asked for as a text.
        if case .string(let text)? = raiser.program.object(at: value), let text = text.string {
          texts.formUnion(text.split(separator: ".").map(String.init))
        }
        return
      }
      if case .builtin(let name)? = raiser.program.object(at: value) { texts.insert(name) }
      if let variable = raiser.program.variable(at: value) {
        if variable.hasPrefix("PyExc_") { texts.insert(String(variable.dropFirst(6))) }
        return
      }
    }
    let width = raiser.function.size(id)
    let number = Opcode.signed(value, width)
    if abs(Int64(clamping: number.magnitude)) < 1 << 48 { literals.insert("\(number)") }
  }

  private func symbols(_ operation: PythonOperation, _ raiser: Raiser) -> [Symbol] {
    switch operation {
    case .global(let name), .builtin(let name), .storeGlobal(let name), .deleteGlobal(let name),
      .className(let name), .storeClassName(let name), .deleteClassName(let name),
      .attribute(let name), .storeAttribute(let name), .deleteAttribute(let name),
      .importModule(let name, _), .importDotted(let name), .importFrom(let name),
      .classNamespace(let name), .makeClass(let name):
      [name]
    case .call(let shape): keywords(shape, raiser)
    case .callMethod(let name, let shape): [name] + keywords(shape, raiser)
    default: []
    }
  }

  private func keywords(_ shape: CallShapeID, _ raiser: Raiser) -> [Symbol] {
    raiser.function[shape].arguments.compactMap {
      if case .keyword(let name) = $0 { name } else { nil }
    }
  }
}
