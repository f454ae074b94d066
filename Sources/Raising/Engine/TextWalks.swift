import Basics
import BinaryFormats
import IR
import Interpretation
import ModuleRecovery
import Simplification

// Loops over the characters of literals that go from place to place.
extension Raiser {
  /// Counts in a loop that goes along the characters of a literal.
  ///
  /// ```
  /// p = phi 0x402f6, p + 1                      i = phi 0, i + 1
  /// c = chr(load p)                       →     c = 'abcd'[i]
  /// if p < 0x402fa: goto next turn              if i < 4: goto next turn
  /// ```
  /// Cython goes along a string of C (`_transform_unicode_iteration` in `Cython/Compiler/Optimize.py`), or along
  /// an array of characters in the stack frame.
  func countAlongTexts() {
    startBehindWalks()
    let frame = StackFrame(&function, program.machine)
    for block in function.reversePostorder() {
      for id in function[block].instructions where function.isPhi(id) && function.isWord(id) {
        guard let walk = walk(id), let made = characters(walk), let text = text(walk, in: frame),
          let counter = count(walk)
        else { continue }
        let literal = function.text(symbols.intern(text))
        for character in made {
          let index = function.insert(
            .python(.boxInteger), [counter], width: function.pointerSize, before: character)
          function.replace(character, with: .python(.item), [literal, index])
        }
        function.removeForwarded()
      }
    }
  }

  /// The steps that make texts of the characters, if nothing else becomes of them.
  private func characters(_ walk: PointerWalk) -> [Instruction.ID]? {
    guard let distance = walk.loads.first?.distance,
      walk.loads.allSatisfy({
        $0.distance == distance && function.size($0.load) == Int(walk.step)
      })
    else { return nil }
    var numbers = Set(walk.loads.map(\.load))
    var result: [Instruction.ID] = []
    let readers = readers()
    for _ in 0..<3 {
      for id in readers where !numbers.contains(id) {
        guard function.operands(of: id).contains(where: numbers.contains) else { continue }
        switch function[id].operation {
        case .machine(.zeroExtend), .python(.boxInteger): numbers.insert(id)
        case .python(.call):
          guard case .builtin(let name)? = operation(function.operand(0, of: id)),
            symbols[name] == "chr", function.operandCount(of: id) == 2
          else { return nil }
          if !result.contains(id) { result.append(id) }
        default: return nil
        }
      }
    }
    return result.isEmpty ? nil : result
  }

  /// The literal whose characters a loop goes along.
  private func text(_ walk: PointerWalk, in frame: StackFrame) -> String? {
    guard let (load, distance) = walk.loads.first, let count = walk.tests.map(\.count).max(),
      count < 1 << 12, distance < 1 << 12
    else { return nil }
    // Behind the character, the pointer was not moved yet where it is compared.
    let isBehind = function[load].block == function[walk.pointer].block
    let isMoved = walk.tests.contains { $0.ahead == walk.step }
    let size = Int(walk.step)
    let length = Int(count) + (isBehind || isMoved ? 1 : 0)
    guard length > 0 else { return nil }
    let bytes: [UInt8]?
    if let start = function.constant(walk.start) {
      bytes = constantBytes(at: start &+ distance, length * size)
    } else if let start = frame.offset(of: walk.start, in: function) {
      bytes = storedBytes(
        in: frame, at: start + Int(distance), length * size, before: walk)
    } else {
      bytes = nil
    }
    guard let bytes else { return nil }
    var result = String.UnicodeScalarView()
    for start in stride(from: 0, to: bytes.count, by: size) {
      let code = bytes[start..<start + size].reversed().reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
      guard let scalar = Unicode.Scalar(code) else { return nil }
      result.append(scalar)
    }
    return String(result)
  }

  private func constantBytes(at address: UInt64, _ count: Int) -> [UInt8]? {
    guard program.image.isConstant(address),
      let bytes = program.image.bytes(at: address, limit: count), bytes.count == count
    else { return nil }
    return Array(bytes)
  }

  /// What constants are stored in a part of the stack frame on the only way to a loop.
  private func storedBytes(
    in frame: StackFrame, at start: Int, _ count: Int, before walk: PointerWalk
  ) -> [UInt8]? {
    guard let loop = function[walk.pointer].block,
      let edge = function.operands(of: walk.pointer).firstIndex(of: walk.start)
    else { return nil }
    var result = [UInt8?](repeating: nil, count: count)
    var block = function[loop].predecessors[edge]
    for _ in 0..<64 {
      for id in function[block].instructions.reversed()
      where function[id].operation == .machine(.store) {
        guard let place = frame.offset(of: function.operand(0, of: id), in: function) else {
          continue
        }
        let value = function.operand(1, of: id)
        for byte in 0..<function.size(value) {
          let index = place + byte - start
          guard (0..<count).contains(index), result[index] == nil else { continue }
          guard let number = function.constant(value) else { return nil }
          result[index] = UInt8(truncatingIfNeeded: number >> UInt64(8 * byte))
        }
      }
      guard result.contains(nil), function[block].predecessors.count == 1 else { break }
      block = function[block].predecessors[0]
    }
    return result.contains(nil) ? nil : result.compactMap(\.self)
  }
}
