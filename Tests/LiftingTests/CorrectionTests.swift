import BinaryFormats
import Foundation
import IR
import Lifting
import Testing

/// What SLEIGH's descriptions of processors get wrong, or their steps leave easy to read wrong.
struct CorrectionTests {
  /// `xchg` and `xadd` of 32 bits clear the other half of the register.
  @Test(arguments: [[0x87, 0x07], [0xF0, 0x0F, 0xC1, 0x07]] as [[UInt8]])
  func exchangesClearTheUpperHalf(code: [UInt8]) throws {
    let bench = try Bench(code)
    let last = try #require(bench.block(step: 0).transfers.last { $0.output == bench.result })
    #expect(last.opcode == .zeroExtend)
  }

  /// `mov [eax + 0x35], bl` takes its address for unsigned.
  @Test func addressesOf32BitsAreWidenedWithZeros() throws {
    let block = try Bench([0x67, 0x88, 0x58, 0x35]).block(step: 0)
    #expect(block.transfers.contains { $0.opcode == .zeroExtend })
    #expect(!block.transfers.contains { $0.opcode == .signExtend })
  }

  /// `ldrsb w0, [x1]` clears the upper half of `x0`, `ldrsb x0, [x1]` does not.
  @Test(arguments: [(0x39C0_0020, true), (0x3980_0020, false)] as [(UInt32, Bool)])
  func narrowSignedLoadsClearTheUpperHalf(word: UInt32, isCleared: Bool) throws {
    let code = (0..<4).map { UInt8(truncatingIfNeeded: word >> (8 * $0)) }
    let bench = try Bench(code, of: "machines.cpython-311-aarch64-linux-gnu.so")
    let last = try #require(bench.block(step: 0).transfers.last { $0.output == bench.result })
    #expect((last.opcode == .zeroExtend) == isCleared)
  }

  /// `bsf eax, esi` looks at one bit after the other.
  @Test func loopsInsideOfInstructionsGoBack() throws {
    let bench = try Bench([0x0F, 0xBC, 0xC6])
    var steps: [UInt16] = []
    var point = CodePoint(Bench.address)
    for _ in 0..<8 {
      let block = bench.block(step: point.step)
      switch block.exit {
      case .branch(_, _, let other): point = other
      case .jump(let next): point = next
      default: break
      }
      steps.append(point.step)
    }
    #expect(zip(steps, steps.dropFirst()).contains { $0 > $1 && $1 > 0 })
  }
}

/// One instruction, of x86-64 if nothing else is said.
private final class Bench {
  static let address: UInt64 = 0x1000
  private let lifter: FunctionLifter<Code>
  let result: Varnode

  init(_ code: [UInt8], of module: String = "alone.cpython-311-x86_64-linux-gnu.so") throws {
    let fixture = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "../Fixtures/\(module)")
    let image = try BinaryImage(reading: [UInt8](Data(contentsOf: fixture)))
    let processor = try #require(Processor.of(image))
    let decoder = try Decoder(processor, in: nil)
    let machine = try processor.machine(decoder)
    result = machine.resultRegister
    lifter = FunctionLifter(decoder: decoder, machine: machine, source: Code(bytes: code))
  }

  func block(step: UInt16) -> MachineBlock {
    lifter.block(at: CodePoint(Self.address, step: step))
  }
}

private struct Code: CodeSource {
  let bytes: [UInt8]
  let tablePointer: UInt64? = nil

  func code(at address: UInt64, limit: Int) -> ArraySlice<UInt8>? {
    address == Bench.address ? bytes[...] : nil
  }

  func functionRange(containing address: UInt64) -> Range<UInt64>? { nil }
  func constant(at address: UInt64, size: Int) -> UInt64? { nil }
  func doesNotReturn(_ address: UInt64) -> Bool { false }
}
