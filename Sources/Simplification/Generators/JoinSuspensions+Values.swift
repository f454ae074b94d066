import Analysis
import IR
import RuntimeModel

// Values that live over a suspension.
extension JoinSuspensions {
  /// Makes fields of the scope places in the frame.
  ///
  /// Those that keep temporaries always, those of variables if no inner function shares them.
  mutating func moveFields(
    _ function: inout Function, _ machine: Machine, _ resumptions: [Block.ID]
  ) {
    let end = scope.address + 0x1000
    let temporaries =
      scope.size.map { scope.address + $0 } ?? findTemporaries(function, resumptions)
    let pointer = Cell(
      .register, offset: Int32(truncatingIfNeeded: machine.stackPointer.offset))
    let base = function.entry(pointer, width: function.pointerSize)
    let first = isShared(function, frame: base) ? temporaries : scope.address + scope.start
    var offsets: Set<UInt64> = []
    var objects: Set<UInt64> = []
    for id in function.instructionIDs {
      switch function[id].operation {
      case .machine(.load), .machine(.store): break
      default: continue
      }
      guard let address = function.constant(function.operand(0, of: id)), address >= first,
        address < end
      else { continue }
      let offset = address - scope.address
      offsets.insert(offset)
      let isLoad = function[id].operation == .machine(.load)
      let value = isLoad ? id : function.operand(1, of: id)
      if function.isWord(value) { objects.insert(offset) }
      if address < temporaries { accesses.append((value, offset)) }
      var operands = function.operands(of: id)
      operands[0] = place(of: offset, base, &function)
      function.setOperands(of: id, operands)
    }
    for offset in offsets.sorted() {
      // A number may be what a parameter was converted to, which nothing tells here.
      let value =
        scope.parameters[offset].map { function.parameter($0) }
        ?? (objects.contains(offset)
          ? function.constant(0, width: function.pointerSize)
          : function.undefined(width: function.pointerSize))
      let place = place(of: offset, base, &function)
      function.append(
        .machine(.store), [place, value], width: 0, to: function.entry, at: function.address)
    }
  }

  /// Far below the frame, where nothing else is.
  private func place(
    of offset: UInt64, _ base: Instruction.ID, _ function: inout Function
  ) -> Instruction.ID {
    let distance = function.constant(offset &- 0x80000, width: function.pointerSize)
    return function.binary(.add, base, distance, width: function.pointerSize)
  }

  /// Whether inner functions get the scope; registers that are kept in the frame may hold it.
  private func isShared(_ function: borrowing Function, frame: Instruction.ID) -> Bool {
    for block in function.reversePostorder() {
      for id in function[block].instructions {
        let operands = function.operands(of: id)
        switch function[id].operation {
        case .call where function.callee(of: id, facts)?.name != "_Py_Dealloc":
          for operand in operands.dropFirst() where function.constant(operand) == scope.address {
            return true
          }
        case .machine(.store)
        where function.constant(operands[1]) == scope.address
          && function.offset(operands[0]).base != frame:
          return true
        default: continue
        }
      }
    }
    return false
  }

  /// The first field that is read and emptied where the generator goes on.
  private func findTemporaries(
    _ function: borrowing Function, _ resumptions: [Block.ID]
  ) -> UInt64 {
    var first = scope.address + 0x1000
    for block in resumptions {
      var loaded: Set<UInt64> = []
      for id in function[block].instructions {
        guard function.operandCount(of: id) > 0,
          let address = function.constant(function.operand(0, of: id)), address >= scope.address
        else { continue }
        switch function[id].operation {
        case .machine(.load): loaded.insert(address)
        case .machine(.store)
        where loaded.contains(address) && function.constant(function.operand(1, of: id)) == 0:
          first = min(first, address)
        default: break
        }
      }
    }
    return first
  }
}
