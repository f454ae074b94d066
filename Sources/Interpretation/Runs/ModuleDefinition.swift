import BinaryFormats
import RuntimeModel

/// What a module says of itself in its `PyModuleDef`.
package struct ModuleDefinition: Sendable {
  /// The last component of the module's name.
  package let name: String
  package let docstring: [UInt8]?
  /// The table of methods, or 0.
  package let methods: UInt64
  /// The size of the module's state, or 0 if it keeps its state in static variables.
  package let stateSize: Int
  /// The function that runs the module's code.
  package let execute: UInt64

  /// Reads a definition.
  ///
  /// Source: `struct PyModuleDef` in CPython's `Include/moduleobject.h`.
  init?(at address: UInt64, in image: BinaryImage, _ layout: ObjectLayout) {
    guard let name = image.pointer(at: address &+ layout.moduleName),
      let text = image.cString(at: name),
      let documentation = image.pointer(at: address &+ layout.moduleDocumentation),
      let size = image.pointer(at: address &+ layout.moduleStateSize),
      let methods = image.pointer(at: address &+ layout.moduleMethods),
      let slots = image.pointer(at: address &+ layout.moduleSlots)
    else { return nil }
    self.name = String(decoding: text, as: UTF8.self)
    docstring = documentation == 0 ? nil : image.cString(at: documentation).map(Array.init)
    self.methods = methods
    stateSize = size < 1 << 24 ? Int(size) : 0
    guard let execute = Self.slot(layout.executeSlot, of: slots, image) else { return nil }
    self.execute = execute
  }

  /// The value of a module slot.
  private static func slot(_ number: UInt64, of slots: UInt64, _ image: BinaryImage) -> UInt64? {
    let word = UInt64(image.architecture.pointerSize)
    for index in 0..<UInt64(16) where slots != 0 {
      guard let kind = image.integer(at: slots &+ index * word * 2, size: 4), kind != 0 else {
        return nil
      }
      if kind == number { return image.pointer(at: slots &+ index * word * 2 &+ word) }
    }
    return nil
  }
}
