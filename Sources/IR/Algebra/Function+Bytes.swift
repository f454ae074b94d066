import Basics

extension Function {
  /// What a cell holds after a call.
  package mutating func after(
    _ cell: Cell, call: Instruction.ID, width: Int
  ) -> Instruction.ID {
    intern(.after(cell), call, width: width)
  }

  /// `width` bytes out of lanes of eight bytes, from byte `position` on.
  package mutating func bytes(
    of lanes: [Instruction.ID], _ position: Int, width: Int
  ) -> Instruction.ID {
    var position = position
    for lane in lanes {
      let size = size(lane)
      guard position >= size else {
        guard position + width <= size else { break }
        return position == 0 && width == size ? lane : extract(lane, position, width: width)
      }
      position -= size
    }
    return undefined(width: width)
  }

  /// A value without the steps that make it wider.
  package func withoutExtension(_ id: Instruction.ID) -> Instruction.ID {
    var value = id
    while let (opcode, inner, _) = machine(value), opcode == .zeroExtend || opcode == .signExtend {
      value = inner
    }
    return value
  }

  /// A value with some of its bytes replaced, from byte `position` on.
  package mutating func replaceBytes(
    of old: Instruction.ID, _ position: Int, with part: Instruction.ID
  ) -> Instruction.ID {
    let (width, partWidth) = (size(old), size(part))
    var value = part
    if position > 0 {
      let low = extract(old, 0, width: position)
      value = binary(.concatenate, value, low, width: position + partWidth)
    }
    let above = position + partWidth
    guard above < width else { return value }
    let high = extract(old, above, width: width - above)
    return binary(.concatenate, high, value, width: width)
  }
}
