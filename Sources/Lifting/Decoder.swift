internal import CSleighShim
package import IR

/// A machine description could not be opened.
package enum LiftingError: Error, Equatable {
  /// The processor description is missing or damaged.
  case description(path: String, message: String)
  /// The processor description lacks a register that the calling convention names.
  case register(String)
}

/// SLEIGH's view of one processor: bytes in, ``Transfer`` steps out.
///
/// One decoder serves one thread.
@safe package struct Decoder: ~Copyable {
  private let handle: OpaquePointer
  /// The decoder of the second instruction set, on processors that have two.
  private let alternate: OpaquePointer?
  /// The register that tells between them.
  private var modeRegister: Varnode?
  /// The register that is always zero, on processors that have one.
  private var zeroRegister: Varnode?

  /// Opens the description of a processor.
  ///
  /// - Parameters:
  ///   - processor: the processor.
  ///   - folder: where the compiled descriptions (`.sla`) lie; nil for those in the program.
  /// - Throws: an error if there is no such description.
  package init(_ processor: Processor, in folder: String?) throws(LiftingError) {
    let path = folder.map { "\($0)/\(processor.description)" } ?? processor.description
    unsafe handle = try unsafe Self.open(path, processor)
    guard let mode = processor.mode else {
      unsafe alternate = nil
      if let zero = processor.zeroRegister { zeroRegister = try? register(zero) }
      return
    }
    let second = try? unsafe Self.open(path, processor)
    unsafe alternate = second
    if let second = unsafe second {
      unsafe csleigh_set_context(second, mode.variable, 1)
    }
    modeRegister = try? register(mode.register)
  }

  deinit {
    unsafe csleigh_close(handle)
    if let alternate = unsafe alternate { unsafe csleigh_close(alternate) }
  }

  private static func open(
    _ path: String, _ processor: Processor
  ) throws(LiftingError) -> OpaquePointer {
    var message = [CChar](repeating: 0, count: 256)
    // Else `jalx` of MIPS, which compilers do not use, changes how code is read that has nothing to do with it.
    let isLocal: CInt = 1
    guard let opened = unsafe csleigh_open(path, isLocal, &message, message.count) else {
      let bytes = message.prefix { $0 != 0 }.map(UInt8.init(bitPattern:))
      throw .description(path: path, message: String(decoding: bytes, as: UTF8.self))
    }
    for variable in processor.context {
      unsafe csleigh_set_context(opened, variable.name, variable.value)
    }
    return unsafe opened
  }

  /// Where a register lives.
  package func register(_ name: String) throws(LiftingError) -> Varnode {
    var offset: UInt64 = 0
    var size: UInt32 = 0
    guard unsafe csleigh_register(handle, name, &offset, &size) != 0 else { throw .register(name) }
    return Varnode(.register, offset: offset, size: Int(size))
  }

  /// Decodes straight-line code.
  ///
  /// - Parameters:
  ///   - point: where to start; steps before it in its instruction are dropped. Where there are two
  ///     instruction sets, the lowest bit of its address tells which one.
  ///   - bytes: the code, from the address of `point` on.
  ///   - limit: the most instructions to decode.
  /// - Returns: the code up to the first transfer of control.
  package func block(at point: CodePoint, in bytes: ArraySlice<UInt8>, limit: Int) -> MachineBlock {
    unsafe bytes.withUnsafeBufferPointer { buffer in
      let second = unsafe alternate
      let mode: UInt64 = unsafe second == nil ? 0 : point.address & 1
      let decoder = unsafe mode == 1 ? second ?? handle : handle
      let decoded = unsafe csleigh_decode(
        decoder, point.address & ~mode, buffer.baseAddress, buffer.count, limit)
      let operations = unsafe UnsafeBufferPointer(start: decoded.operations, count: decoded.count)
      var translation = unsafe Translation(
        start: point, operations: operations, end: unsafe decoded.end, mode: mode,
        modeRegister: modeRegister, zeroRegister: zeroRegister)
      for index in operations.indices where translation.exit == nil {
        translation.append(unsafe operations[index])
      }
      return translation.finish(isDecoded: unsafe decoded.status == 0)
    }
  }

  /// The assembly text of one instruction and its size in bytes; nil if the bytes are none.
  ///
  /// The lowest bit of `address` tells the instruction set, as in ``block(at:in:limit:)``.
  package func text(at address: UInt64, in bytes: ArraySlice<UInt8>) -> (text: String, size: Int)? {
    var text = [CChar](repeating: 0, count: 128)
    let size = unsafe bytes.withUnsafeBufferPointer { buffer in
      let second = unsafe alternate
      let mode: UInt64 = unsafe second == nil ? 0 : address & 1
      let decoder = unsafe mode == 1 ? second ?? handle : handle
      return unsafe csleigh_disassemble(
        decoder, address & ~mode, buffer.baseAddress, buffer.count, &text, text.count)
    }
    guard size > 0 else { return nil }
    let characters = text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:))
    return (String(decoding: characters, as: UTF8.self), Int(size))
  }
}
