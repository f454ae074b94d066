import Analysis
import Basics
import IR
import Raising
import Simplification

// The steps of a block as statements.
extension FunctionWriter {
  /// The statements of a block, and the value that its end asks for.
  func statements(ofBlock position: Int) -> ([CNode], (text: String, line: Int?)) {
    nodes = []
    pending = []
    let block = shape.flow.order[position]
    let steps = raiser.function[block].instructions
    write(hoistedAt: FunctionShape.Point(block: position, index: -1))
    for (index, id) in steps.enumerated() {
      if !raiser.function.isPhi(id), raiser.isWritten(id) {
        write(id, at: FunctionShape.Point(block: position, index: 2 * index))
      }
      write(hoistedAt: FunctionShape.Point(block: position, index: 2 * index + 1))
    }
    guard let value = raiser.function[block].terminator.value else {
      flush()
      return (nodes, ("", nil))
    }
    let root = raiser.function.resolve(value)
    take(shape.leaves(of: [root], raiser))
    var result = expression(root)
    if case .return = raiser.function[block].terminator { result = result.cast(to: .object) }
    let line = takenLine
    flush()
    return (nodes, (result.text, line))
  }

  private func write(hoistedAt point: FunctionShape.Point) {
    for id in shape.attached[point] ?? [] { write(id, at: point) }
  }

  private func write(_ id: Instruction.ID, at point: FunctionShape.Point) {
    let operands = raiser.function.operands(of: id)
    if case .after = raiser.function[id].operation {
      takenLine = nil
    } else {
      take(shape.leaves(of: operands, raiser))
    }
    let line = raiser.sites[id]?.line ?? takenLine
    if let statement = statement(id) {
      flush()
      nodes.append(.line(statement, line))
      return
    }
    let value = computed(id)
    let hasValue = raiser.function.size(id) > 0 && (shape.uses[id] ?? 0) > 0
    guard hasValue else {
      flush()
      let isPlace = ["PY_CELL(", "PY_TYPE(", "LOAD("].contains { value.text.hasPrefix($0) }
      nodes.append(.line((isPlace ? "(void) " : "") + value.text + ";", line))
      return
    }
    let typed = value.cast(to: type(of: id))
    if isReadOnce(id, in: point), typed.text.utf8.count <= Self.widest {
      pending.append((id, typed, line))
      return
    }
    flush()
    nodes.append(.line("\(variable(id)) = \(typed.text);", line))
  }

  /// Whether a value's only reader is a later step of the same block.
  private func isReadOnce(_ id: Instruction.ID, in point: FunctionShape.Point) -> Bool {
    guard shape.uses[id] == 1, let readers = shape.readers[id], readers.count == 1 else {
      return false
    }
    if case .after = raiser.function[id].operation { return false }
    if shape.attached[FunctionShape.Point(block: point.block, index: point.index | 1)]?.contains(
      where: { isResult($0, of: id) }) == true
    {
      return false
    }
    return readers[0].block == point.block && readers[0] > point
  }

  private func isResult(_ id: Instruction.ID, of call: Instruction.ID) -> Bool {
    if case .after = raiser.function[id].operation {
      return raiser.function.operand(0, of: id) == call
    }
    return false
  }

  /// Steps that are statements of their own.
  private func statement(_ id: Instruction.ID) -> String? {
    let operands = raiser.function.operands(of: id)
    switch raiser.function[id].operation {
    case .machine(.store): return store(id)
    case .python(.storeCell(let field)):
      return
        "PY_CELL(\(scopeName(field.type)), \(cellName(field))) = \(object(operands[0]));"
    case .python(.deleteCell(let field)):
      declarations.use(macro: "PY_DEL_CELL")
      return "PY_DEL_CELL(\"\(scopeName(field.type))\", \"\(cellName(field))\");"
    default: return nil
    }
  }

  /// Takes what waits for the step at hand, if the order of evaluation stays as it is; whatever else
  /// waits is written first otherwise.
  func take(_ leaves: [Instruction.ID]) {
    taken = [:]
    takenLine = nil
    let wanted = leaves.filter { leaf in pending.contains { $0.id == leaf } }
    guard !wanted.isEmpty else { return }
    guard pending.suffix(wanted.count).map(\.id) == wanted else {
      flush()
      return
    }
    for item in pending.suffix(wanted.count) {
      taken[item.id] = item.text
      takenLine = item.line ?? takenLine
    }
    pending.removeLast(wanted.count)
  }

  /// Writes what waits as assignments.
  func flush() {
    for item in pending {
      nodes.append(.line("\(variable(item.id)) = \(item.text.text);", item.line))
    }
    pending = []
  }
}
