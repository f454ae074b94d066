import BinaryFormats
import Foundation
import IR
import Lifting
import Testing

/// Instructions that SLEIGH's decoder writes or reads behind its tables for, and registers of zero.
struct BoundsTests {
  /// `vldmia r0,{d0-d24}` and `vstmia r0,{s0-s30}` have more parts than there is room for.
  @Test(arguments: [0xEC90_0B32, 0xEC80_0A1F, 0xECB0_0B3E] as [UInt32])
  func longListsOfRegistersAreNoInstructions(word: UInt32) throws {
    let decoder = try decoder("boards-0.29.32.cpython-38-arm-linux-gnueabihf.so")
    #expect(decoder.text(at: 0x1000, in: bytes(word)[...]) == nil)
    #expect(decoder.block(at: CodePoint(0x1000), in: bytes(word)[...], limit: 1).exit == .invalid)
    // str lr,[r1,#0x1c]
    let next = decoder.block(at: CodePoint(0x1004), in: bytes(0xE581_E01C)[...], limit: 1)
    #expect(next.transfers.last?.opcode == .store)
  }

  /// `vldmia r0,{d0-d15}` is the longest list that compilers write.
  @Test func theLongestListIsRead() throws {
    let decoder = try decoder("boards-0.29.32.cpython-38-arm-linux-gnueabihf.so")
    let block = decoder.block(at: CodePoint(0x1000), in: bytes(0xEC90_0B20)[...], limit: 1)
    #expect(block.transfers.count { $0.opcode == .load } == 16)
  }

  /// `jal` with an instruction that SLEIGH only knows the name of in its delay slot.
  @Test func delaySlotsWithoutAMeaningAreNoInstructions() throws {
    let decoder = try decoder("boards-0.29.32.cpython-38-mipsel-linux-gnu.so")
    let code = bytes(0x0DA2_1DCC) + bytes(0x46DD_1C2D)
    #expect(decoder.block(at: CodePoint(0x1000), in: code[...], limit: 1).exit == .invalid)
  }

  /// What is written to `$zero` is lost: `slt zero,a0,a1`.
  @Test func zeroStaysZero() throws {
    let decoder = try decoder("boards-0.29.32.cpython-38-mipsel-linux-gnu.so")
    let zero = try decoder.register("zero")
    let block = decoder.block(at: CodePoint(0x1000), in: bytes(0x0085_002A)[...], limit: 1)
    #expect(!block.transfers.contains { $0.output == zero })
  }

  private func decoder(_ name: String) throws -> Decoder {
    let fixture = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "../Fixtures/\(name)")
    let image = try BinaryImage(reading: [UInt8](Data(contentsOf: fixture)))
    return try Decoder(try #require(Processor.of(image)), in: nil)
  }

  private func bytes(_ word: UInt32) -> [UInt8] {
    (0..<4).map { UInt8(truncatingIfNeeded: word >> (8 * $0)) }
  }
}
