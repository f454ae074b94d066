import Analysis
import Basics
import BinaryFormats
import Decompilation
import IR
import Interpretation
import ModuleRecovery
import Naming
import Raising
import RuntimeModel
import Simplification

/// Writes one raised function as C.
///
/// The steps are those of the raised form, in their order; blocks become `if`, `for` and labels along
/// the dominator tree, so that every block is written once.
final class FunctionWriter {
  let raiser: Raiser
  let entry: FunctionCatalogue.Entry
  let names: ModuleNames
  let shape: FunctionShape
  var types = ValueTypes()
  var declarations: Declarations
  /// The variable that holds each value, and its type.
  var variables: [Instruction.ID: String] = [:]
  var declared: [(name: String, type: CType)] = []
  var parameters: [String] = []
  /// Expressions whose only reader has not been written yet, the oldest first.
  var pending: [(id: Instruction.ID, text: CExpression, line: Int?)] = []
  /// Expressions that the step at hand reads in place.
  var taken: [Instruction.ID: CExpression] = [:]
  /// The line of the latest expression that was taken.
  var takenLine: Int?
  /// Cells of the machine that are read though nothing is known of them.
  var entryCells: Set<String> = []
  /// Statements of the block that is being written.
  var nodes: [CNode] = []
  var swaps = 0
  /// What each block dominates at once.
  var children: [[Int]] = []
  /// Blocks that are written.
  var placed: Set<Int> = []

  /// Expressions that are longer get a variable.
  static let widest = 72

  init(
    _ raiser: Raiser, _ entry: FunctionCatalogue.Entry, _ names: ModuleNames,
    _ declarations: Declarations
  ) {
    self.raiser = raiser
    self.entry = entry
    self.names = names
    self.declarations = declarations
    shape = FunctionShape(raiser)
    findTypes()
    nameVariables()
  }

  // MARK: Types

  private func findTypes() {
    var phis: [Instruction.ID] = []
    for block in shape.flow.order {
      for id in raiser.function[block].instructions {
        if raiser.function.isPhi(id) { phis.append(id) } else { types.set(ownType(id), of: id) }
      }
    }
    for id in shape.hoisted { types.set(ownType(id), of: id) }
    // A phi is an object if anything in it is one; three rounds reach through what is nested.
    for id in phis { types.set(.integer(raiser.function.size(id)), of: id) }
    for _ in 0..<4 {
      for id in phis {
        let operands = raiser.function.operands(of: id).filter {
          $0 != id && raiser.function.constant($0) != 0 && raiser.isWritten($0)
        }
        let kinds = operands.map { type(of: $0) }
        let isWord = raiser.function.size(id) == raiser.function.pointerSize
        if kinds.contains(.object), isWord {
          types.set(.object, of: id)
        } else if kinds.contains(.double), raiser.function.size(id) == 8 {
          types.set(.double, of: id)
        }
      }
    }
  }

  /// The type of a value, whether it has a variable or not.
  func type(of id: Instruction.ID) -> CType { types[id] ?? ownType(id) }

  private func ownType(_ id: Instruction.ID) -> CType {
    let width = raiser.function.size(id)
    switch raiser.function[id].operation {
    case .python(let operation): return operation.valueType
    case .machine(let opcode):
      if opcode.isFloat, width == 8 { return .double }
      if opcode == .load, isTypeField(id) { return .object }
      return .integer(width)
    case .call:
      switch raiser.function.callee(of: id, raiser.view)?.result {
      case .newObject, .borrowedObject, .optionalObject, .optionalNewObject: return .object
      case .double, .checkedDouble: return .double
      default: return .integer(width == 0 ? 8 : width)
      }
    case .constant(let value):
      let isObject = width == raiser.function.pointerSize && value >= raiser.program.image.map.heap
      return isObject ? .object : .integer(width)
    default: return .integer(width == 0 ? 8 : width)
    }
  }

  /// Whether a load reads the type of an object.
  func isTypeField(_ id: Instruction.ID) -> Bool {
    let (base, offset) = raiser.function.offset(raiser.function.operand(0, of: id))
    return offset == raiser.function.layout.type && raiser.function.isWord(id)
      && raiser.function.constant(base) == nil && type(of: base) == .object
  }

  // MARK: Variables

  private func nameVariables() {
    var unique = UniqueNames()
    parameters = entry.parameters.map { unique.claim(CIdentifier.variable($0)) }
    let coalescing = Coalescing(raiser, shape)
    let known = localNames()
    var groups: [VariableKey: String] = [:]
    var count = 0
    for value in shape.points.sorted(by: { ($0.value, $0.key) < ($1.value, $1.key) }).map(\.key) {
      guard raiser.isWritten(value), raiser.function.size(value) > 0 else { continue }
      let key = VariableKey(root: coalescing.find(value), type: type(of: value))
      if groups[key] == nil {
        if let number = coalescing.variable(of: value), let name = known[number] {
          groups[key] = unique.claim(CIdentifier.variable(name))
        } else {
          count += 1
          groups[key] = unique.claim("v\(count)")
        }
      }
      variables[value] = groups[key]
    }
  }

  /// A variable of C has one type.
  private struct VariableKey: Hashable {
    let root: Instruction.ID
    let type: CType
  }

  /// The names of the variables that evidence was found of.
  private func localNames() -> [String?] {
    let all = raiser.locals.variables
    let own = all.indices.filter { all[$0].parameter == nil && all[$0].offset == nil }
    let names = entry.variables
    var result: [String?] = all.map { variable in
      if let number = variable.parameter, number < entry.parameters.count {
        return entry.parameters[number]
      }
      guard let offset = variable.offset, let type = raiser.closure?.types.first else { return nil }
      return cellText(ScopeField(type: type, offset: offset))
    }
    if own.count == names.count {
      for (index, name) in zip(own, names) { result[index] = name }
    }
    return result
  }

  private func cellText(_ field: ScopeField) -> String? { names.catalogue.cellNames[field] }

  /// The variable of a value; it is declared from then on.
  func variable(_ id: Instruction.ID) -> String {
    let name = variables[id] ?? "v_\(id.number)"
    if !declared.contains(where: { $0.name == name }) { declared.append((name, type(of: id))) }
    return name
  }

  /// What a field of a closure scope is called.
  func cellName(_ field: ScopeField) -> String {
    let known = names.catalogue.cellNames[field]
    return known.map(CIdentifier.variable) ?? "cell_\(field.offset)"
  }

  /// What the type of a closure scope is called.
  func scopeName(_ type: UInt64) -> String {
    guard let pointer = raiser.program.image.pointer(at: type &+ raiser.function.layout.typeName),
      let bytes = raiser.program.image.cString(at: pointer, limit: 512)
    else { return "scope_" + String(type, radix: 16) }
    let last = bytes.split(separator: UInt8(ascii: ".")).last ?? []
    return CIdentifier.part(String(decoding: last, as: UTF8.self))
  }
}
