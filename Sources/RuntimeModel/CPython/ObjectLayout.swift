/// Where fields of CPython's objects lie, in bytes, in release builds.
///
/// Nearly all fields are as wide as a pointer, so that places are counted in such words and hold for
/// 32 and 64 bits alike.
///
/// Source: `Include/object.h`, `Include/cpython/object.h`, `unicodeobject.h`, `longintrepr.h` and
/// their kin of CPython 3.6 to 3.14.
package struct ObjectLayout: Hashable, Sendable {
  package let version: PythonVersion
  /// Width of a pointer, of `Py_ssize_t` and of C's `long` in bytes.
  package let pointerSize: Int

  package init(_ version: PythonVersion, pointerSize: Int) {
    self.version = version
    self.pointerSize = pointerSize
  }

  /// So many pointers in bytes.
  package func words(_ count: Int) -> UInt64 { UInt64(count * pointerSize) }

  /// How many bits of an address or of a `Py_ssize_t` there are.
  package var wordBits: Int { pointerSize * 8 }

  // Every object.
  package var referenceCount: UInt64 { 0 }
  package var type: UInt64 { words(1) }
  package var size: UInt64 { words(2) }
  /// Where the fields of an object start that has no size.
  package var fields: UInt64 { words(2) }

  // Containers.
  package var tupleItems: UInt64 { words(3) }
  package var listItems: UInt64 { words(3) }
  package var listCapacity: UInt64 { words(4) }
  package var dictUsed: UInt64 { words(2) }
  /// Where a dictionary counts its changes, in eight bytes, before CPython 3.12.
  package var dictVersion: UInt64 { 24 - (pointerSize == 4 ? 8 : 0) }

  // Text and numbers.
  package var bytesData: UInt64 { words(4) }
  package var floatValue: UInt64 { words(2) }
  package var textLength: UInt64 { words(2) }
  package var textHash: UInt64 { words(3) }
  package var textState: UInt64 { words(4) }
  package var integerDigits: UInt64 { words(3) }

  /// How many bits of an integer one digit holds: `PYLONG_BITS_IN_DIGIT`.
  package var digitBits: Int { pointerSize == 8 || version >= PythonVersion(3, 11) ? 30 : 15 }
  /// Width of a digit in bytes.
  package var digitSize: Int { digitBits == 30 ? 4 : 2 }

  /// Where the characters of an ASCII string start.
  package var asciiData: UInt64 { words(version < PythonVersion(3, 12) ? 6 : 5) }
  /// Where the characters of any other compact string start.
  package var compactData: UInt64 { words(version < PythonVersion(3, 12) ? 9 : 7) }

  /// The state word of a string: kind, and whether it is ASCII.
  package func textState(kind: UInt64, isASCII: Bool) -> UInt64 {
    // interned: 2 bits (3.13: a byte of its own counts the same), kind: 3, compact, ascii, ready
    let compact: UInt64 = 1 << 5
    let ascii: UInt64 = isASCII ? 1 << 6 : 0
    let ready: UInt64 = version < PythonVersion(3, 12) ? 1 << 7 : 0
    return kind << 2 | compact | ascii | ready
  }

  /// The word between an integer's type and its digits, for a number of that many digits.
  package func integerTag(digits: Int, isNegative: Bool) -> UInt64 {
    if version < PythonVersion(3, 12) {
      return UInt64(bitPattern: Int64(isNegative ? -digits : digits))
    }
    let sign: UInt64 = digits == 0 ? 1 : isNegative ? 2 : 0
    return UInt64(digits) << 3 | sign
  }

  // Cython's generators: `__pyx_CoroutineObject` in Cython/Utility/Coroutine.c.
  package var generatorBody: UInt64 { words(2) }
  package var generatorScope: UInt64 { words(3) }

  // The thread state.
  package var threadInterpreter: UInt64 { words(2) }
  /// Where the thread state counts nested calls, before CPython 3.9.
  package var recursionDepth: UInt64 { words(4) }

  /// Where the thread state keeps the current error: its type, or from 3.12 on the exception.
  package var currentError: UInt64 {
    let is64Bit = pointerSize == 8
    return switch version.minor {
    case ..<7: is64Bit ? 0x50 : 0x30
    case ..<11: is64Bit ? 0x58 : 0x34
    case 11, 12: is64Bit ? 0x60 : 0x3C
    default: is64Bit ? 0x70 : 0x48
    }
  }

  /// Whether the current error is kept as an exception instead of type, value and traceback.
  package var keepsExceptions: Bool { version >= PythonVersion(3, 12) }

  /// Where the thread state points at the exception that is being handled.
  package var handledError: UInt64 {
    let distance =
      switch version.minor {
      case ..<7: 3
      case ..<11: 7
      case 11: 3
      default: 1
      }
    return currentError + words(distance)
  }

  /// Where an exception that is being handled keeps its value, and the pointer to the one around it:
  /// `_PyErr_StackItem` in `Include/cpython/pystate.h`.
  package var handledValue: UInt64 { words(keepsHandledParts ? 1 : 0) }
  package var handledPrevious: UInt64 { words(keepsHandledParts ? 3 : 1) }

  /// Whether type and traceback of an exception that is being handled are kept beside it.
  package var keepsHandledParts: Bool { version < PythonVersion(3, 11) }

  // Types.
  package var typeName: UInt64 { words(3) }
  package var typeDeallocate: UInt64 { words(6) }
  package var typeBasicSize: UInt64 { words(4) }
  package var typeFlags: UInt64 { words(21) }
  package var typeMethods: UInt64 { words(29) }
  package var typeGetSet: UInt64 { words(31) }
  package var typeBase: UInt64 { words(32) }
  package var typeDict: UInt64 { words(33) }
  package var typeBases: UInt64 { words(42) }
  package var typeResolutionOrder: UInt64 { words(43) }
  /// How large a type object is.
  package var typeSize: Int { 1024 }

  /// Where a type keeps a slot.
  package func offset(of slot: TypeSlot) -> UInt64 { words(slot.rawValue) }

  /// The slot that lies at an offset of a type.
  package func slot(at offset: UInt64) -> TypeSlot? {
    guard offset < UInt64(typeSize), offset % words(1) == 0 else { return nil }
    return TypeSlot(rawValue: Int(offset / words(1)))
  }

  // `PyMethodDef`.
  package var methodFunction: UInt64 { words(1) }
  package var methodFlags: UInt64 { words(2) }
  package var methodDocumentation: UInt64 { words(3) }

  /// Bits of `tp_flags`, by the type that they mark the subclasses of.
  package static let subclassFlags: [String: UInt64] = [
    "PyLong_Type": 1 << 24, "PyBool_Type": 1 << 24, "PyList_Type": 1 << 25,
    "PyTuple_Type": 1 << 26, "PyBytes_Type": 1 << 27, "PyUnicode_Type": 1 << 28,
    "PyDict_Type": 1 << 29, "PyType_Type": 1 << 31,
  ]
  package static let readyFlags: UInt64 = 1 << 12 | 1 << 10
  package static let exceptionFlags: UInt64 = 1 << 30 | 1 << 12 | 1 << 10
}
