import Basics
import IR
import ModuleRecovery

// Module-level variables that are C variables.
extension Raiser {
  /// Makes what is read from and stored into static variables globals.
  ///
  /// ```
  /// %1 = import os                 %1 = import os
  /// store 0x7000, %1          →    storeGlobal(os) %1
  /// …
  /// %5 = load 0x7000               %5 = global(os)
  /// ```
  func raiseStaticVariables() {
    var accesses: [(id: Instruction.ID, address: UInt64)] = []
    var globals: Set<String> = []
    for block in function.reversePostorder() {
      for id in function[block].instructions {
        if case .storeGlobal(let name)? = operation(id) { globals.insert(symbols[name]) }
        guard isAccessOfWord(id), let address = function.constant(function.operand(0, of: id)),
          program.statics.name(at: address) != nil
        else { continue }
        accesses.append((id, address))
      }
    }
    guard !accesses.isEmpty else { return }
    program.statics.reserve(globals)
    for (id, address) in accesses where function[id].operation == .machine(.store) {
      if let name = importedName(function.operand(1, of: id)) {
        program.statics.setName(name, at: address)
      }
    }
    let loads = accesses.filter { function[$0.id].operation == .machine(.load) }
    let stores = accesses.filter { function[$0.id].operation == .machine(.store) }
    let sunk = sinkLoads(loads.map(\.id))
    let read = readValues()
    for id in stores.map(\.id) + sunk {
      guard let address = function.constant(function.operand(0, of: id)),
        let name = program.statics.name(at: address)
      else { continue }
      if function[id].operation == .machine(.store) {
        become(id, .storeGlobal(symbols.intern(name)), [function.operand(1, of: id)])
      } else if read.contains(id) {
        become(id, .global(symbols.intern(name)), [])
        plainReads.insert(id)
      }
    }
  }

  private func isAccessOfWord(_ id: Instruction.ID) -> Bool {
    switch function[id].operation {
    case .machine(.load): function.isWord(id)
    case .machine(.store): function.isWord(function.operand(1, of: id))
    default: false
    }
  }

  /// The name that an import or a class statement binds, unless the source gives it another one.
  private func importedName(_ value: Instruction.ID) -> String? {
    switch operation(value) {
    case .importFrom(let name)?, .makeClass(let name)?: return symbols[name]
    case .importModule(let name, _)?:
      let parts = symbols[name].split(separator: ".").map(String.init)
      return function.operandCount(of: value) == 0 ? parts.first : parts.last
    case .importDotted(let name)?:
      return symbols[name].split(separator: ".").last.map(String.init)
    default: return nil
    }
  }

  /// The values that anything but counts of references reads: what a variable held before is released
  /// when it gets another value.
  func readValues() -> Set<Instruction.ID> {
    var result: Set<Instruction.ID> = []
    var pending: [Instruction.ID] = []
    for block in function.reversePostorder() {
      for id in function[block].instructions {
        if case .referenceCount = function[id].operation { continue }
        pending += function.operands(of: id)
      }
      if let value = function[block].terminator.value { pending.append(function.resolve(value)) }
    }
    while let id = pending.popLast() {
      // Arithmetic stands in no block.
      guard result.insert(id).inserted, function[id].block == nil else { continue }
      pending += function.operands(of: id)
    }
    return result
  }
}
