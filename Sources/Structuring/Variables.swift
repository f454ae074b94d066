import Basics
import IR
import Raising

/// The variables of a function: which values share one, and what they are called.
struct Variables {
  private var parents: [Instruction.ID: Instruction.ID] = [:]
  private(set) var isVariable: Set<Instruction.ID> = []
  private var names: [Instruction.ID: String] = [:]
  private var unused: [String]
  private var temporaries = 0
  private let parameters: [String]

  init(_ raiser: Raiser, _ locals: LocalEvidence, parameters: [String], names: [String]) {
    self.parameters = parameters
    unused = names
    unite(phisOf: raiser)
    let roots = unite(released: locals, raiser)
    // Names go by the order of release if every name is accounted for.
    if roots.count >= names.count {
      let extra = roots.count - names.count
      if extra == 0 || roots.count == names.count + extra {
        for (root, name) in zip(roots, names) where self.names[find(root)] == nil {
          self.names[find(root)] = name
          unused.removeAll { $0 == name }
        }
      }
    }
  }

  private mutating func unite(phisOf raiser: Raiser) {
    for block in raiser.function.reversePostorder() {
      for id in raiser.function[block].instructions where raiser.function.isPhi(id) {
        for operand in raiser.function.operands(of: id) where isOwn(operand, raiser) {
          unite(id, operand)
        }
      }
    }
  }

  /// Whether a value belongs to this function, other than a constant or a parameter.
  private func isOwn(_ id: Instruction.ID, _ raiser: Raiser) -> Bool {
    switch raiser.function[id].operation {
    case .constant, .undefined, .entry: false
    case .python(.parameter), .python(.builtin): false
    default: raiser.function[id].block != nil
    }
  }

  /// - Returns: one value of each variable, in the order of release.
  private mutating func unite(
    released locals: LocalEvidence, _ raiser: Raiser
  ) -> [Instruction.ID] {
    var roots: [Instruction.ID] = []
    for web in locals.webs {
      let values = web.map { raiser.function.resolve($0) }.filter { isOwn($0, raiser) }
        .filter { isAlive($0, raiser) }
      guard let first = values.first else { continue }
      for value in values {
        isVariable.insert(value)
        unite(first, value)
      }
      let root = find(first)
      if !roots.contains(where: { find($0) == root }) { roots.append(first) }
    }
    return roots
  }

  private func isAlive(_ id: Instruction.ID, _ raiser: Raiser) -> Bool {
    guard let block = raiser.function[id].block else { return false }
    return raiser.function[block].instructions.contains(id)
  }

  func find(_ id: Instruction.ID) -> Instruction.ID {
    var id = id
    while let parent = parents[id], parent != id { id = parent }
    return id
  }

  private mutating func unite(_ left: Instruction.ID, _ right: Instruction.ID) {
    let (a, b) = (find(left), find(right))
    if a != b { parents[max(a, b)] = min(a, b) }
  }

  /// Makes a value a variable.
  mutating func insert(_ id: Instruction.ID) { isVariable.insert(id) }

  /// The name of the variable that holds a value, given now if it has none yet.
  mutating func name(of id: Instruction.ID) -> String {
    let root = find(id)
    if let name = names[root] { return name }
    let name: String
    if unused.isEmpty {
      temporaries += 1
      name = "_value\(temporaries)"
    } else {
      name = unused.removeFirst()
    }
    names[root] = name
    return name
  }

  mutating func setName(_ name: String, of id: Instruction.ID) { names[find(id)] = name }
}
