import Basics
import BinaryFormats
import IR
import Simplification

/// The optional arguments of a C function.
package struct OptionalArguments {
  /// The position of the argument that points at the structure in which they are.
  package let index: Int
  /// What stands for those that are not given, if that is an object that exists from the start; nil if there
  /// are some that are no objects.
  package let defaults: [UInt64?]?
}

extension Program {
  /// The position of the argument by which a C function gets its optional arguments; nil if it has none.
  package func optionalArgumentsIndex(ofCFunction address: UInt64) -> Int? {
    optionalArguments(ofCFunction: address)?.index
  }

  /// The optional arguments of a C function; nil if it has none.
  ///
  /// ```c
  /// static PyObject *f(PyObject *s, struct opt_args *args) {
  ///   PyObject *message = default;
  ///   if (args) { if (args->n > 0) { message = args->message; } }
  /// ```
  /// Such an argument points at a structure that starts with an `int`, the number of arguments in it, and is
  /// only read (`CFuncType.op_arg_struct` in `Cython/Compiler/PyrexTypes.py`); the first word of an object
  /// counts references, and is written.
  package func optionalArguments(ofCFunction address: UInt64) -> OptionalArguments? {
    if let known = optionalArguments[address] { return known }
    let found = findOptionalArguments(address)
    optionalArguments[address] = .some(found)
    return found
  }

  private func findOptionalArguments(_ address: UInt64) -> OptionalArguments? {
    guard image.isExecutable(address), importedFunction(at: address) == nil,
      let constructed = construct(at: address)
    else { return nil }
    let function = constructed.takeFunction()
    var indices: [Cell: Int] = [:]
    for index in 0..<6 { indices[machine.argumentCell(index)] = index }
    var counted: Set<Int> = []
    var others: Set<Int> = []
    var loads: [Int: [(offset: UInt64, id: Instruction.ID)]] = [:]
    for block in function.reversePostorder() {
      for id in function[block].instructions {
        guard case .machine(let opcode) = function[id].operation,
          opcode == .load || opcode == .store
        else { continue }
        let (base, offset) = function.offset(function.operand(0, of: id))
        guard case .entry(let cell) = function[function.resolve(base)].operation,
          let index = indices[cell]
        else { continue }
        guard offset == 0 else {
          if opcode == .load { loads[index, default: []].append((offset, id)) }
          continue
        }
        if opcode == .load, function.size(id) == 4 {
          counted.insert(index)
        } else {
          others.insert(index)
        }
      }
    }
    let found = counted.subtracting(others)
    guard found.count == 1, let index = found.first else { return nil }
    return OptionalArguments(index: index, defaults: defaults(loads[index] ?? [], function))
  }

  /// What stands for the arguments that are loaded from the structure, if they are missing.
  private func defaults(
    _ loads: [(offset: UInt64, id: Instruction.ID)], _ function: borrowing Function
  ) -> [UInt64?]? {
    let size = UInt64(machine.pointerSize)
    guard loads.allSatisfy({ $0.offset % size == 0 && function.isWord($0.id) }),
      let last = loads.map(\.offset).max(), last <= size * 32
    else { return nil }
    var result: [UInt64?] = []
    for place in 1...(last / size) {
      let ids = Set(loads.filter { $0.offset == place * size }.map(\.id))
      result.append(ids.isEmpty ? nil : constant(besides: ids, function))
    }
    return result
  }

  /// The only other value that is where some values come together with it.
  private func constant(
    besides loads: Set<Instruction.ID>, _ function: borrowing Function
  ) -> UInt64? {
    var found: Set<UInt64> = []
    for block in function.reversePostorder() {
      for phi in function[block].instructions where function.isPhi(phi) {
        var leaves: Set<Instruction.ID> = []
        var pending = [phi]
        var seen: Set<Instruction.ID> = []
        while let id = pending.popLast(), seen.count < 64 {
          guard seen.insert(id).inserted else { continue }
          if function.isPhi(id) {
            pending += function.operands(of: id).map { function.resolve($0) }
          } else {
            leaves.insert(id)
          }
        }
        guard !leaves.isDisjoint(with: loads) else { continue }
        for leaf in leaves.subtracting(loads) {
          guard let word = word(of: leaf, function) else { return nil }
          found.insert(word)
        }
      }
    }
    return found.count == 1 ? found.first : nil
  }

  /// A constant, or what a constant's static variable holds.
  private func word(of id: Instruction.ID, _ function: borrowing Function) -> UInt64? {
    if let word = function.constant(id) { return word }
    guard function[id].operation == .machine(.load),
      let address = function.constant(function.operand(0, of: id))
    else { return nil }
    return constant(at: address, size: machine.pointerSize)
  }
}
