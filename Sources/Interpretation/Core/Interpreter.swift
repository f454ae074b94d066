import Basics
package import BinaryFormats
package import IR
package import Lifting
package import RuntimeModel

/// Runs lifted machine code in a modelled world; nothing is ever executed natively.
///
/// Calls of imported functions go to a model of CPython's C API. The run stops at the first thing
/// outside the model, and says what it was.
package final class Interpreter {
  /// Why a run ended.
  package enum Outcome: Hashable, Sendable {
    /// The function returned.
    case returned(UInt64)
    /// The observer asked to stop.
    case stopped
    /// An imported function without a model.
    case unmodelled(String)
    /// The code did something that no sound module does.
    case fault(String, address: UInt64)
    /// The run took too many steps or too much memory.
    case exhausted
  }

  /// One call that has not returned.
  package struct Frame {
    /// The function that was called.
    package let function: UInt64
    /// Where it was called from; 0 for the outermost call.
    package let returnAddress: UInt64
    /// The stack pointer at its entry.
    package let stackPointer: UInt64
  }

  package let machine: Machine
  /// The module; what it takes from other modules while it runs is added to its imports.
  package internal(set) var image: BinaryImage
  package var memory: AddressSpace
  package var world: ObjectWorld
  package private(set) var frames: [Frame] = []
  /// Registers, then scratch storage.
  var storage = [UInt8](repeating: 0, count: PreparedBlock.storageBytes)
  /// How many steps are left.
  ///
  /// The largest modules take about a million, most of them to decompress their strings. A run
  /// without an end of its own must end within seconds.
  package var stepBudget = 40_000_000
  /// Asked before an imported function is called; true stops the run.
  package var onImportedCall: ((Interpreter, String) -> Bool)?
  /// Told when a call returns to a frame: the frames that remain, and the address it returns to.
  package var onReturn: ((Interpreter, UInt64) -> Void)?
  /// Told about each load from memory.
  package var onLoad: ((Interpreter, UInt64) -> Void)?
  /// Told before each instruction.
  package var onNextInstruction: ((Interpreter, UInt64) -> Void)?

  private let lifter: FunctionLifter<BinaryImage>
  private var blocks: [CodePoint: PreparedBlock] = [:]
  private var pending: Outcome?
  /// How many arguments of the imported function that is called are in registers, if it takes more.
  private(set) var namedArguments: Int?

  package init(
    _ image: BinaryImage, machine: Machine, layout: ObjectLayout,
    lifter: consuming FunctionLifter<BinaryImage>
  ) {
    self.image = image
    self.machine = machine
    self.lifter = lifter
    memory = AddressSpace(image)
    world = ObjectWorld(layout)
    populateExternals()
    write(machine.stackPointer, image.map.stackTop - 4096)
    // The thread's own block, where compilers keep the stack protector's secret.
    if let register = machine.threadPointer, let block = memory.allocate(4096) {
      write(register, block + 1024)
    }
  }

  // MARK: Registers

  package func read(_ register: Varnode) -> UInt64 {
    load(Int(register.offset), min(8, Int(register.size)))
  }

  package func write(_ register: Varnode, _ value: UInt64) {
    save(value, Int(register.offset), min(8, Int(register.size)))
  }

  func load(_ offset: Int, _ size: Int) -> UInt64 {
    var value: UInt64 = 0
    for index in stride(from: size - 1, through: 0, by: -1) {
      value = value << 8 | UInt64(storage[offset + index])
    }
    return value
  }

  func save(_ value: UInt64, _ offset: Int, _ size: Int) {
    for index in 0..<size {
      storage[offset + index] = UInt8(truncatingIfNeeded: value >> (8 * UInt64(index)))
    }
  }

  /// Ends the run as soon as the current step is done.
  package func stop(_ outcome: Outcome) { pending = pending ?? outcome }

  /// Takes back what was to end the run.
  @discardableResult func clearPending() -> Outcome? {
    defer { pending = nil }
    return pending
  }

  // MARK: Running

  /// Calls a function of the module.
  package func call(_ function: UInt64, _ arguments: [UInt64]) -> Outcome {
    for (register, argument) in zip(machine.argumentRegisters, arguments) {
      write(register, argument)
    }
    for (index, argument) in arguments.dropFirst(machine.argumentRegisters.count).enumerated() {
      let offset = machine.stackArgumentOffset + index * machine.pointerSize
      store(argument, read(machine.stackPointer) &+ UInt64(offset))
    }
    if let register = machine.functionPointer { write(register, function) }
    pending = nil
    let outermost = frames.count
    push(returnAddress: 0)
    enter(function, from: 0)
    let outcome = run(from: CodePoint(function), downTo: outermost)
    frames.removeSubrange(outermost...)
    return outcome
  }

  private func push(returnAddress: UInt64) {
    guard machine.returnAddressSize > 0 else {
      if let register = machine.linkRegister { write(register, returnAddress) }
      return
    }
    let top = read(machine.stackPointer) &- UInt64(machine.returnAddressSize)
    write(machine.stackPointer, top)
    _ = memory.write(returnAddress, at: top, size: machine.returnAddressSize)
  }

  private func enter(_ function: UInt64, from returnAddress: UInt64) {
    frames.append(
      Frame(
        function: function, returnAddress: returnAddress,
        stackPointer: read(machine.stackPointer)))
  }

  private func block(at point: CodePoint) -> PreparedBlock? {
    if let known = blocks[point] { return known }
    let block = lifter.block(at: point)
    guard !(block.exit == .invalid && block.transfers.isEmpty),
      let prepared = PreparedBlock(block)
    else { return nil }
    blocks[point] = prepared
    return prepared
  }

  private func run(from start: CodePoint, downTo outermost: Int) -> Outcome {
    var point = start
    var step = 0
    // Places to go on at after calls: the block and the next step.
    var returns: [(point: CodePoint, step: Int)] = []
    while true {
      guard let block = block(at: point) else {
        return .fault("no code", address: point.address)
      }
      var called: UInt64?
      if step == 0 { notify(point.address) }
      while step < block.steps.count {
        let current = block.steps[step]
        if step > 0, current.address != block.steps[step - 1].address { notify(current.address) }
        if let pending { return pending }
        step += 1
        stepBudget -= 1
        if current.opcode == .call || current.opcode == .callIndirect {
          called = value(current.input0, current.constant0)
          break
        }
        guard perform(current) else {
          return pending ?? .fault("\(current.opcode)", address: current.address)
        }
      }
      if let pending { return pending }
      // A block may have no step: a jump to itself must end too.
      stepBudget -= 1
      guard stepBudget > 0, frames.count < 2000 else { return .exhausted }
      let exit: MachineBlock.Exit
      if let called {
        returns.append((point, step))
        guard let name = importedFunction(called) else {
          enter(called, from: returnAddress())
          (point, step) = (CodePoint(called), 0)
          continue
        }
        callImported(name)
        exit = .return(machine.stackPointer)
      } else {
        exit = leave(block)
      }
      switch exit {
      case .jump(let next): (point, step) = (next, 0)
      case .return:
        if let pending { return pending }
        let isImported = called != nil
        if !isImported {
          frames.removeLast()
          if frames.count == outermost { return .returned(read(machine.resultRegister)) }
        }
        guard let next = returns.popLast() else { return .fault("return", address: block.end) }
        (point, step) = next
        onReturn?(self, resumeAddress(next))
        if let pending { return pending }
      default: return pending ?? .fault("\(exit)", address: block.end)
      }
    }
  }

  private func notify(_ address: UInt64) {
    guard let observer = onNextInstruction else { return }
    observer(self, address)
  }

  /// The address of the machine instruction at which a block goes on.
  ///
  /// A jump that ends the block has no step; what lies behind it is other code.
  private func resumeAddress(_ next: (point: CodePoint, step: Int)) -> UInt64 {
    guard let block = blocks[next.point] else { return 0 }
    if next.step < block.steps.count { return block.steps[next.step].address }
    if case .jump(let target) = block.exit { return target.address }
    return block.end
  }

  private func returnAddress() -> UInt64 {
    if let register = machine.linkRegister { return read(register) }
    return memory.integer(at: read(machine.stackPointer), size: machine.pointerSize) ?? 0
  }

  /// The name of the imported function that lies at an address.
  private func importedFunction(_ address: UInt64) -> String? {
    if address == deallocator { return "_Py_Dealloc" }
    guard address >= image.map.imports else { return nil }
    return image.imports.name(at: address).map(CFunction.commonName)
  }

  private func callImported(_ name: String) {
    if let onImportedCall, onImportedCall(self, name) {
      stop(.stopped)
      return
    }
    guard let model = CAPI.models[name] else { return stop(.unmodelled(name)) }
    namedArguments =
      machine.hasVariadicsOnStack
      ? CFunction.table[name].flatMap { $0.isVariadic ? $0.parameters.count - 1 : nil } : nil
    model(self)
    popReturnAddress()
  }

  private func popReturnAddress() {
    write(machine.stackPointer, read(machine.stackPointer) &+ UInt64(machine.returnAddressSize))
  }

  /// Where control goes at the end of a block.
  private func leave(_ block: PreparedBlock) -> MachineBlock.Exit {
    switch block.exit {
    case .branch(_, let taken, let other):
      return .jump(value(block.exitPlace, block.exitConstant) & 1 == 1 ? taken : other)
    case .indirect:
      let target = value(block.exitPlace, block.exitConstant)
      guard let name = importedFunction(target) else { return .jump(CodePoint(target)) }
      // A jump to an imported function returns in this one's place.
      callImported(name)
      return .return(machine.stackPointer)
    default: return block.exit
    }
  }

  func value(_ place: PreparedBlock.Place, _ constant: UInt64) -> UInt64 {
    place.isConstant ? constant : load(Int(place.offset), min(8, place.width))
  }
}
