import Analysis
import Basics
import IR
import PythonSyntax
import Raising
import Simplification

// Lists, sets and dicts that are built item by item.
extension FunctionStructurer {
  /// Writes a set whose items were evaluated before it was made.
  ///
  /// ```
  /// %7 = set
  /// addToSet %7, %4      →     {a, b}
  /// addToSet %7, %5
  /// ```
  func setDisplay(_ id: Instruction.ID, _ state: inout State) throws -> Bool {
    guard let block = raiser.function[id].block,
      let start = raiser.function[block].instructions.firstIndex(of: id)
    else { return false }
    var steps: [Instruction.ID] = []
    scan: for step in raiser.function[block].instructions[(start + 1)...] {
      switch raiser.function[step].operation {
      case .referenceCount, .undefined: continue
      case .python(.addToSet) where raiser.function.operand(0, of: step) == id: steps.append(step)
      default: break scan
      }
    }
    let items = steps.map { raiser.function.operand(1, of: $0) }
    var waiting: [Instruction.ID] = []
    for item in items { collectWaiting(item, state, &waiting) }
    // A display stands on one line; `s = set()` and `s.add(x)` seldom do.
    let lines = Set(([id] + steps).compactMap { raiser.sites[$0]?.line })
    guard !waiting.isEmpty, lines.count <= 1, state.stack.suffix(waiting.count).map(\.id) == waiting
    else { return false }
    displayedItems.formUnion(steps)
    try push(id, .set(try read(items, &state)), &state)
    try assignDisplay(id, &state)
    return true
  }

  /// Adds to a display that waits on the stack, or inside a comprehension's loop.
  func add(
    _ id: Instruction.ID, _ operation: PythonOperation, _ operands: [Instruction.ID],
    _ state: inout State
  ) throws {
    let container = operands[0]
    if operation == .addEntries { lowerEmptyDisplay(below: operands[1], &state) }
    let values = try read(Array(operands.dropFirst()), &state)
    guard let top = state.stack.last, top.id == container else {
      // A loop around this makes a comprehension of it.
      let name = Expression.name(Self.placeholder(container))
      return try emit(.expression(.call(name, values, [])), line: raiser.sites[id]?.line, &state)
    }
    var expression = top.expression
    switch (operation, expression) {
    case (.addEntry, .dictionary(let entries)):
      expression = .dictionary(entries + [.init(values[0], values[1])])
    case (.addEntries, .dictionary(let entries)):
      expression = .dictionary(entries + [.init(nil, values[0])])
    case (.appendToList, .list(let items)): expression = .list(items + [values[0]])
    case (.addToSet, .set(let items)): expression = .set(items + [values[0]])
    // `[*a, b]` starts with a list of `a`.
    case (.appendToList, .call(.name("list"), let items, _)) where items.count == 1:
      expression = .list([.starred(items[0]), values[0]])
    case (.addItems, .call(.name("list"), let items, _)) where items.count == 1:
      expression = .list([.starred(items[0]), .starred(values[0])])
    case (.addToSet, .call(.name("set"), let items, _)) where items.count == 1:
      expression = .set([.starred(items[0]), values[0]])
    case (.addItems, .call(.name("set"), let items, _)) where items.count == 1:
      expression = .set([.starred(items[0]), .starred(values[0])])
    case (.addItems, .list(let items)): expression = .list(items + [.starred(values[0])])
    case (.addItems, .set(let items)): expression = .set(items + [.starred(values[0])])
    default: throw failure("a display of an unknown form", id)
    }
    state.stack[state.stack.count - 1].expression = expression
    if isLastAddition(id, to: container) { try assignDisplay(container, &state) }
  }

  /// Lets an empty display that was made last wait below a value that it starts with or goes through.
  func lowerEmptyDisplay(below value: Instruction.ID, _ state: inout State) {
    let count = state.stack.count
    guard count > 1, state.stack[count - 2].id == value,
      isUnderConstruction(state.stack[count - 1].id),
      [.list([]), .set([]), .dictionary([])].contains(state.stack[count - 1].expression)
    else { return }
    state.stack.swapAt(count - 1, count - 2)
  }

  /// Whether nothing is added to a display behind a step.
  private func isLastAddition(_ id: Instruction.ID, to container: Instruction.ID) -> Bool {
    for block in flow.order.reversed() {
      let last = raiser.function[block].instructions.last { raiser.adds($0, to: container) }
      if let last { return last == id }
    }
    return false
  }
}

extension Raiser {
  /// Whether a step adds to a display or comprehension.
  func adds(_ step: Instruction.ID, to container: Instruction.ID) -> Bool {
    switch function[step].operation {
    case .python(.addEntry), .python(.addEntries), .python(.addItems), .python(.appendToList),
      .python(.addToSet), .python(.addToDictionary):
      return function.operand(0, of: step) == container
    default: return false
    }
  }
}
