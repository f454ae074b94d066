import Basics
import IR

// Calls and the ends of blocks.
extension SSAConstruction {
  mutating func call(_ transfer: Transfer, in index: Int) {
    let target = withoutMode(read(transfer.input0, in: index))
    let pushed = machine.returnAddressSize
    emitCall(
      target, stackArguments: pushed + machine.stackArgumentOffset, at: transfer.address, in: index)
    // The callee pops the return address.
    let size = function.constant(UInt64(pushed), width: machine.pointerSize)
    let popped = function.binary(.add, top(in: index), size, width: machine.pointerSize)
    reaching.define(stackPointer, popped, in: positions[index])
  }

  /// A target without the bit that says which instruction set goes on there.
  private func withoutMode(_ target: Instruction.ID) -> Instruction.ID {
    guard let (opcode, address, mask) = function.machine(target), opcode == .and,
      function.constant(mask) == Opcode.mask(machine.pointerSize) - 1
    else { return target }
    return address
  }

  /// The stack pointer, as it is now.
  mutating func top(in index: Int) -> Instruction.ID {
    reaching.read(stackPointer, in: positions[index], &function)
  }

  /// Appends a call and forgets what its callee may change.
  ///
  /// `stackArguments` is where arguments on the stack start, from the stack pointer on.
  /// - Returns: the call.
  @discardableResult
  private mutating func emitCall(
    _ target: Instruction.ID, stackArguments: Int, at address: UInt64, in index: Int
  ) -> Instruction.ID {
    let signature = function.constant(target).flatMap { facts.signature(of: $0) }
    let operands =
      [target]
      + arguments(signature ?? .integers(4), stackArguments: stackArguments, at: address, in: index)
    // Where a number takes two registers, the call itself is as wide as its result.
    let isWide = signature?.result == .float && machine.cellSize < 8
    let call = function.append(
      .call, operands, width: isWide ? 8 : machine.pointerSize, to: blocks[index], at: address)
    for cell in 0..<numberedCells where !registers.isPreserved[cell] {
      reaching.clobber(cell, by: call, in: positions[index])
    }
    write(isWide ? machine.floatResultRegister : machine.resultRegister, call, in: index)
    memory.forget()
    return call
  }

  private mutating func arguments(
    _ signature: CallSignature, stackArguments: Int, at address: UInt64, in index: Int
  ) -> [Instruction.ID] {
    var integers =
      signature.isLocal ? machine.localArgumentRegisters[...] : machine.argumentRegisters[...]
    var floats = machine.floatArgumentRegisters[...]
    var stackOffset = stackArguments
    var values: [Instruction.ID] = []
    for (position, parameter) in signature.parameters.enumerated() {
      if machine.hasVariadicsOnStack, position == signature.namedCount {
        (integers, floats) = ([], [])
      }
      if parameter == .float, machine.passesFloatsAsIntegers {
        values.append(floatInIntegers(&integers, &stackOffset, address, in: index))
        continue
      }
      let register = parameter == .float ? floats.popFirst() : integers.popFirst()
      if machine.sharesArgumentPlaces {
        _ = parameter == .float ? integers.popFirst() : floats.popFirst()
      }
      if var register {
        register.size = parameter == .float ? 8 : UInt16(machine.pointerSize)
        if parameter == .long { register.size = UInt16(machine.longSize) }
        let value = read(register, in: index)
        values.append(
          parameter == .long && machine.longSize < machine.pointerSize
            ? function.unary(.signExtend, value, width: machine.pointerSize) : value)
      } else {
        let size = parameter == .float ? 8 : machine.pointerSize
        values.append(stackArgument(at: stackOffset, address, size: size, in: index))
        stackOffset += size
      }
    }
    if signature.isVariadic {
      // Where the arguments lie for which there is no register.
      let distance = function.constant(UInt64(stackOffset), width: machine.pointerSize)
      values.append(
        function.binary(.add, top(in: index), distance, width: machine.pointerSize))
    }
    return values
  }

  /// A `double` in two registers, of which the first one has an even number, or on the stack.
  private mutating func floatInIntegers(
    _ registers: inout ArraySlice<Varnode>, _ offset: inout Int, _ address: UInt64, in index: Int
  ) -> Instruction.ID {
    if registers.count % 2 == 1 { registers.removeFirst() }
    if let low = registers.popFirst(), let high = registers.popFirst() {
      let (first, second) = (read(low, in: index), read(high, in: index))
      return function.binary(.concatenate, second, first, width: 8)
    }
    offset = (offset + 7) & ~7
    defer { offset += 8 }
    return stackArgument(at: offset, address, size: 8, in: index)
  }

  private mutating func stackArgument(
    at offset: Int, _ address: UInt64, size: Int, in index: Int
  ) -> Instruction.ID {
    let distance = function.constant(UInt64(offset), width: machine.pointerSize)
    let place = function.binary(.add, top(in: index), distance, width: machine.pointerSize)
    // Where all arguments are on the stack, they are mostly stored right before the call.
    if machine.argumentRegisters.isEmpty,
      let known = memory.value(at: place, width: size, in: function)
    {
      return known
    }
    return function.append(
      .machine(.load), [place], width: size, to: blocks[index], at: address)
  }

  /// Ends the block of the function as the machine block ends.
  mutating func leave(_ block: MachineBlock, _ index: Int) {
    let id = blocks[index]
    switch block.exit {
    case .jump(let target):
      function.terminate(id, with: self.block(at: target).map { .jump($0) } ?? .unreachable)
    case .branch(let condition, let taken, let other):
      let value = read(condition, in: index)
      guard let first = self.block(at: taken), let second = self.block(at: other) else {
        return function.terminate(id, with: .unreachable)
      }
      function.terminate(id, with: .branch(value, first, second))
    case .choose(let selector, let targets):
      let value = read(selector, in: index)
      let table = function.appendSwitch(targets.compactMap { self.block(at: $0) })
      function.terminate(id, with: .choose(value, table))
    case .return:
      function.terminate(id, with: .return(read(machine.resultRegister, in: index)))
    case .tailCall(let target):
      let callee = function.constant(target, width: machine.pointerSize)
      let result = emitCall(
        callee, stackArguments: machine.returnAddressSize + machine.stackArgumentOffset,
        at: block.end, in: index)
      function.terminate(id, with: .return(result))
    case .indirect(let target):
      unresolvedJumps.append((id, block.end, withoutMode(read(target, in: index))))
      function.terminate(id, with: .unreachable)
    case .unreachable, .invalid:
      function.terminate(id, with: .unreachable)
    }
  }

  private func block(at point: CodePoint) -> Block.ID? {
    source.block(at: point).map { blocks[$0] }
  }
}
