extension Processor {
  /// AArch64 as on macOS: arguments that a prototype does not name are on the stack.
  static let aarch64Apple: Processor = {
    var processor = aarch64
    processor.hasVariadicsOnStack = true
    return processor
  }()

  /// AArch64 as on Windows, where `long` has 32 bits.
  static let aarch64Windows: Processor = {
    var processor = aarch64
    processor.threadPointer = "x18"
    processor.longSize = 4
    processor.callsThroughTable = true
    return processor
  }()
}
