import BinaryFormats
import IR
import Interpretation
import Lifting
import RuntimeModel

/// Runs one instruction after the other, each on a machine of its own.
final class Bench {
  private let interpreter: Interpreter
  private let lifter: FunctionLifter<Code>
  private let registers: [Varnode]
  private let map: MemoryMap
  private let code = Code()
  /// A repeated instruction that goes on for longer is given up.
  private let blockLimit = 2000

  init(_ image: BinaryImage, registers: [String]) throws {
    guard let processor = Processor.of(image) else { throw BinaryFormatError.unknownFormat }
    map = image.map
    let decoder = try Decoder(processor, in: nil)
    var found: [Varnode] = []
    for name in registers { found.append(try decoder.register(name)) }
    self.registers = found
    let machine = try processor.machine(decoder)
    lifter = FunctionLifter(decoder: decoder, machine: machine, source: code)
    let layout = ObjectLayout(
      PythonVersion(3, 11), pointerSize: machine.pointerSize)
    interpreter = Interpreter(
      image, machine: machine, layout: layout,
      lifter: FunctionLifter(
        decoder: try Decoder(processor, in: nil), machine: machine, source: image))
  }

  func answer(to fields: [Substring]) -> String {
    guard fields.count >= 2, let address = UInt64(fields[0], radix: 16) else { return "?" }
    code.address = address & ~lifter.machine.modeBit
    code.bytes = bytes(fields[1])
    let text = lifter.decoder.text(at: address, in: code.bytes[...])
    guard let text else { return "undecoded" }
    guard fields.count > 2 else {
      let block = lifter.block(at: CodePoint(address))
      return "decoded \(block.end & ~lifter.machine.modeBit &- code.address) \(text.text)"
    }
    prepare(bytes(fields[2]), fields.dropFirst(3))
    var blocks: [MachineBlock] = []
    let outcome = run(from: address, &blocks)
    return "\(outcome) \(state(fields.dropFirst(3)))\(outputs(of: blocks))"
  }

  // MARK: Running

  private func prepare(_ values: [UInt8], _ stretches: ArraySlice<Substring>) {
    var rest = values[...]
    for register in registers {
      interpreter.setBytes(of: register, to: rest.prefix(Int(register.size)))
      rest = rest.dropFirst(Int(register.size))
    }
    interpreter.memory = AddressSpace(stretches.map(stretch), map)
  }

  /// Runs one instruction, with what stands in its delay slot.
  private func run(from address: UInt64, _ blocks: inout [MachineBlock]) -> String {
    var point = CodePoint(address)
    while blocks.count < blockLimit {
      let block = lifter.block(at: point)
      blocks.append(block)
      switch interpreter.run(block) {
      case .next(let next):
        guard next.address == address, blocks.count < blockLimit else {
          return "done \(String(next.address, radix: 16))"
        }
        point = next
      case .call(let target), .returned(let target): return "done \(String(target, radix: 16))"
      case .failed(let opcode, let reason):
        return reason.isEmpty
          ? "open \(opcode)" : "fault \(reason.split(separator: "x").last ?? "")"
      case .lost(let exit): return "lost \(exit)".split(separator: "(")[0].description
      }
    }
    return "lost endless"
  }

  // MARK: Text

  private func stretch(_ field: Substring) -> (address: UInt64, bytes: [UInt8]) {
    let parts = field.split(separator: ":")
    return (UInt64(parts[0], radix: 16) ?? 0, bytes(parts[1]))
  }

  /// The registers, and the stretches of memory.
  private func state(_ stretches: ArraySlice<Substring>) -> String {
    let values = registers.map { hexadecimal(interpreter.bytes(of: $0)) }.joined()
    let memory = stretches.map { field in
      let (address, bytes) = stretch(field)
      return hexadecimal(interpreter.memory.bytes(at: address, count: bytes.count) ?? [])
    }
    return ([values] + memory).joined(separator: " ")
  }

  /// Which registers some step puts something out to, as digits 0 and 1, and whether one stores.
  private func outputs(of blocks: [MachineBlock]) -> String {
    let outputs = blocks.prefix(8).flatMap(\.transfers).compactMap(\.output)
    let digits = registers.map { register in
      outputs.contains { output in
        output.space == .register && output.offset < register.offset + UInt64(register.size)
          && register.offset < output.offset + UInt64(output.size)
      } ? "1" : "0"
    }
    let stores = blocks.prefix(8).contains { $0.transfers.contains { $0.opcode == .store } }
    return " \(digits.joined())\(stores ? "1" : "0")"
  }

  private func bytes(_ text: Substring) -> [UInt8] {
    let digits = text.utf8.map { UInt8($0 < 58 ? $0 - 48 : $0 - 87) }
    return stride(from: 0, to: digits.count - 1, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
  }
}

/// One instruction in memory of its own.
private final class Code: CodeSource {
  var address: UInt64 = 0
  var bytes: [UInt8] = []
  let tablePointer: UInt64? = nil

  func code(at address: UInt64, limit: Int) -> ArraySlice<UInt8>? {
    address == self.address ? bytes[...] : nil
  }

  func functionRange(containing address: UInt64) -> Range<UInt64>? { nil }
  func constant(at address: UInt64, size: Int) -> UInt64? { nil }
  func doesNotReturn(_ address: UInt64) -> Bool { false }
}

func hexadecimal(_ bytes: some Sequence<UInt8>) -> String {
  let digits = Array("0123456789abcdef".utf8)
  let text = bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }
  return String(decoding: text, as: UTF8.self)
}
