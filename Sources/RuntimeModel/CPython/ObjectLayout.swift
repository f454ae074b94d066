/// Where fields of CPython's objects lie, in bytes, in release builds with 64-bit pointers.
///
/// Source: `Include/object.h`, `Include/cpython/object.h`, `unicodeobject.h`, `longintrepr.h` and
/// their kin of CPython 3.6 to 3.14.
package struct ObjectLayout: Sendable {
  package let version: PythonVersion

  package init(_ version: PythonVersion) { self.version = version }

  // Every object.
  package let referenceCount: UInt64 = 0
  package let type: UInt64 = 8
  package let size: UInt64 = 16

  // Containers.
  package let tupleItems: UInt64 = 24
  package let listItems: UInt64 = 24
  package let listCapacity: UInt64 = 32
  package let dictUsed: UInt64 = 16

  // Text and numbers.
  package let bytesData: UInt64 = 32
  package let floatValue: UInt64 = 16
  package let textLength: UInt64 = 16
  package let textHash: UInt64 = 24
  package let textState: UInt64 = 32
  package let integerDigits: UInt64 = 24

  /// Where the characters of an ASCII string start.
  package var asciiData: UInt64 { version < PythonVersion(3, 12) ? 48 : 40 }
  /// Where the characters of any other compact string start.
  package var compactData: UInt64 { version < PythonVersion(3, 12) ? 72 : 56 }

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

  // The thread state.
  package let threadInterpreter: UInt64 = 0x10

  /// Where the thread state keeps the current error: its type, or from 3.12 on the exception.
  package var currentError: UInt64 {
    switch version.minor {
    case ..<7: 0x50
    case ..<11: 0x58
    case 11, 12: 0x60
    default: 0x70
    }
  }

  /// Whether the current error is kept as an exception instead of type, value and traceback.
  package var keepsExceptions: Bool { version >= PythonVersion(3, 12) }

  /// Where the thread state points at the exception that is being handled.
  package var handledError: UInt64 {
    switch version.minor {
    case ..<7: 0x68
    case ..<11: 0x90
    case 12: 0x68
    default: 0x78
    }
  }

  // Types.
  package let typeName: UInt64 = 24
  package let typeBasicSize: UInt64 = 32
  package let typeCall: UInt64 = 128
  package let typeFlags: UInt64 = 168
  package let typeMethods: UInt64 = 232
  package let typeGetSet: UInt64 = 248
  package let typeBase: UInt64 = 256
  package let typeDict: UInt64 = 264
  package let typeNew: UInt64 = 312
  /// How large a type object is.
  package let typeSize = 1024

  /// Bits of `tp_flags`, by the type that they mark the subclasses of.
  package static let subclassFlags: [String: UInt64] = [
    "PyLong_Type": 1 << 24, "PyBool_Type": 1 << 24, "PyList_Type": 1 << 25,
    "PyTuple_Type": 1 << 26, "PyBytes_Type": 1 << 27, "PyUnicode_Type": 1 << 28,
    "PyDict_Type": 1 << 29, "PyType_Type": 1 << 31,
  ]
  package static let readyFlags: UInt64 = 1 << 12 | 1 << 10
  package static let exceptionFlags: UInt64 = 1 << 30 | 1 << 12 | 1 << 10
}
