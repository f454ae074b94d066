import BinaryFormats
import IR
import Simplification

extension Program {
  /// The position of the argument by which a C function gets its optional arguments; nil if it has none.
  ///
  /// Such an argument points at a structure that starts with an `int`, the number of arguments in it, and is
  /// only read (`CFuncType.op_arg_struct` in `Cython/Compiler/PyrexTypes.py`); the first word of an object
  /// counts references, and is written.
  package func optionalArgumentsIndex(ofCFunction address: UInt64) -> Int? {
    if let known = optionalIndices[address] { return known }
    let found = findOptionalArguments(address)
    optionalIndices[address] = found
    return found
  }

  private func findOptionalArguments(_ address: UInt64) -> Int? {
    guard image.isExecutable(address), importedFunction(at: address) == nil,
      let constructed = construct(at: address)
    else { return nil }
    let function = constructed.takeFunction()
    var indices: [Cell: Int] = [:]
    for index in 0..<6 { indices[machine.argumentCell(index)] = index }
    var counted: Set<Int> = []
    var others: Set<Int> = []
    for block in function.reversePostorder() {
      for id in function[block].instructions {
        guard case .machine(let opcode) = function[id].operation,
          opcode == .load || opcode == .store
        else { continue }
        let (base, offset) = function.offset(function.operand(0, of: id))
        guard offset == 0, case .entry(let cell) = function[function.resolve(base)].operation,
          let index = indices[cell]
        else { continue }
        if opcode == .load, function.size(id) == 4 {
          counted.insert(index)
        } else {
          others.insert(index)
        }
      }
    }
    let found = counted.subtracting(others)
    return found.count == 1 ? found.first : nil
  }
}
