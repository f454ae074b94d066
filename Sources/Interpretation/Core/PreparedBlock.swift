import IR

/// Machine code prepared for running: every operand is a place in one array of bytes.
struct PreparedBlock {
  /// Where an operand lives; constants live nowhere.
  struct Place: BitwiseCopyable {
    /// The offset in the register file; scratch storage lies behind the registers.
    var offset: Int32
    /// Width in bytes, negative for a constant.
    var size: Int16

    static let none = Place(offset: 0, size: 0)
    var isConstant: Bool { size < 0 }
    var width: Int { Int(abs(size)) }
  }

  /// One step, with the values of its inputs that are constants.
  struct Step: BitwiseCopyable {
    var opcode: Opcode
    var output: Place
    var input0: Place
    var input1: Place
    var constant0: UInt64
    var constant1: UInt64
    var address: UInt64
  }

  let steps: [Step]
  let exit: MachineBlock.Exit
  let exitPlace: Place
  let exitConstant: UInt64
  let end: UInt64

  /// How many bytes of registers there are; scratch storage follows.
  static let registerBytes: UInt64 = 0x8000
  private static let scratchBytes: UInt64 = 0x10_0000
  /// How many bytes the register file and scratch storage take together.
  static let storageBytes = Int(registerBytes + scratchBytes + 0x1_0100)

  init?(_ block: MachineBlock) {
    var steps: [Step] = []
    steps.reserveCapacity(block.transfers.count)
    for transfer in block.transfers {
      guard let input0 = Self.place(transfer.input0), let input1 = Self.place(transfer.input1),
        let output = transfer.output.map(Self.place) ?? Place.none
      else { return nil }
      steps.append(
        Step(
          opcode: transfer.opcode, output: output, input0: input0, input1: input1,
          constant0: transfer.input0.offset, constant1: transfer.input1.offset,
          address: transfer.address))
    }
    self.steps = steps
    exit = block.exit
    end = block.end
    switch block.exit {
    case .branch(let value, _, _), .indirect(let value), .return(let value), .choose(let value, _):
      guard let place = Self.place(value) else { return nil }
      exitPlace = place
      exitConstant = value.offset
    case .jump, .tailCall, .unreachable, .invalid:
      exitPlace = .none
      exitConstant = 0
    }
  }

  static func place(_ varnode: Varnode) -> Place? {
    let size = Int16(clamping: varnode.size)
    switch varnode.space {
    case .constant: return Place(offset: 0, size: -max(1, size))
    case .register:
      guard varnode.offset < registerBytes - 64 else { return nil }
      return Place(offset: Int32(varnode.offset), size: size)
    case .temporary:
      // The lifter's own temporaries start far behind those of SLEIGH.
      let isOwn = varnode.offset >= 1 << 32
      let offset = isOwn ? scratchBytes + varnode.offset & 0xFFFF : varnode.offset % scratchBytes
      return Place(offset: Int32(registerBytes + offset), size: size)
    }
  }
}
