import Basics
import BinaryFormats
import IR
import ModuleRecovery
import PythonSyntax
import Raising
import Structuring

/// Values of a raised function as expressions, without regard to the order of evaluation.
///
/// Good for what a definition is made of: names, constants and displays of them.
struct StraightValues {
  private let raiser: Raiser
  private let stored: [Int: Expression]
  private let constants: ConstantExpressions
  /// The entries of dict displays, by display.
  private var entries: [Instruction.ID: [Instruction.ID]] = [:]

  /// `stored` is what loads from a function's own memory for defaults give, by offset.
  init(_ raiser: Raiser, stored: [Int: Expression] = [:]) {
    self.raiser = raiser
    self.stored = stored
    constants = ConstantExpressions(raiser.program)
    for block in raiser.function.reversePostorder() {
      for id in raiser.function[block].instructions {
        switch raiser.function[id].operation {
        case .python(.addEntry), .python(.storeItem):
          entries[raiser.function.operand(0, of: id), default: []].append(id)
        default: break
        }
      }
    }
  }

  /// The expression of a value; nil if it is anything else.
  func expression(_ id: Instruction.ID, depth: Int = 0) -> Expression? {
    guard depth < 32 else { return nil }
    if let address = raiser.function.constant(id) { return constants.expression(address) }
    let operands = raiser.function.operands(of: id)
    func part(_ index: Int) -> Expression? { expression(operands[index], depth: depth + 1) }
    switch raiser.function[id].operation {
    case .python(.global(let name)), .python(.builtin(let name)):
      return .name(raiser.symbols[name])
    case .python(.attribute(let name)): return part(0).map { .attribute($0, raiser.symbols[name]) }
    case .python(.item):
      guard let object = part(0), let index = part(1) else { return nil }
      return .item(object, index)
    case .python(.tuple):
      let items = operands.indices.map(part)
      return items.contains(nil) ? nil : .tuple(items.compactMap { $0 })
    case .python(.dictionary): return dictionary(id, depth: depth)
    case .machine(.load):
      return stored[Int(clamping: raiser.function.offset(operands[0]).offset)]
    default: return nil
    }
  }

  private func dictionary(_ id: Instruction.ID, depth: Int) -> Expression? {
    var result: [Expression.DictionaryEntry] = []
    for step in entries[id] ?? [] {
      guard let key = expression(raiser.function.operand(1, of: step), depth: depth + 1),
        let value = expression(raiser.function.operand(2, of: step), depth: depth + 1)
      else { continue }
      result.append(.init(key, value))
    }
    return .dictionary(result)
  }
}
