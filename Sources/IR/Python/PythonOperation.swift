package import Basics

/// What a raised instruction means in Python.
///
/// Operands are listed with each case. Unless it says otherwise, operands and value are objects,
/// and the step may raise an exception.
package enum PythonOperation: Hashable, BitwiseCopyable, Sendable {
  // MARK: Names

  /// A parameter of the function, by its position among the code object's names; does not raise.
  case parameter(UInt16)
  /// The global or builtin of that name.
  case global(Symbol)
  /// The builtin of that name, which Cython looks up once; does not raise.
  case builtin(Symbol)
  /// A constant text that the module does not keep as an object; does not raise.
  case text(Symbol)
  /// Operand 0 becomes the global of that name; no value.
  case storeGlobal(Symbol)
  case deleteGlobal(Symbol)
  /// Looks a name up in the namespace (operand 0) of a class body, then globally.
  case className(Symbol)
  /// Operand 1 becomes a name in the namespace (operand 0) of a class body; no value.
  case storeClassName(Symbol)
  case deleteClassName(Symbol)

  // MARK: Closures

  /// A new closure scope of the type at an address; does not raise.
  case scope(type: UInt64)
  /// The variable that lives in a field of a closure scope.
  case cell(ScopeField)
  /// Operand 0 becomes the variable in a field of a closure scope; no value.
  case storeCell(ScopeField)
  /// The variable in a field of a closure scope is bound no more; no value.
  case deleteCell(ScopeField)

  // MARK: Generators

  /// A generator or coroutine over the body at an address, with the scope in operand 0 and its name
  /// in operand 1; does not raise.
  case generator(body: UInt64, kind: GeneratorKind)
  /// What the body of the generator in operand 0 returns, which Cython runs in place.
  case runGenerator
  /// Hands operand 0 out; the value is what is sent in.
  case yield
  /// Hands out what operand 0 hands out; the value is what it returns.
  case yieldFrom
  /// The asynchronous iterator of operand 0.
  case asyncIterator
  /// What is awaited of the next item of operand 0, or null behind the last one.
  case asyncNext

  // MARK: Attributes and items

  /// `operand0.name`
  case attribute(Symbol)
  /// `operand0.name = operand1`; no value.
  case storeAttribute(Symbol)
  case deleteAttribute(Symbol)
  /// `operand0[operand1]`
  case item
  /// `operand0[operand1] = operand2`; no value.
  case storeItem
  case deleteItem
  /// `operand0:operand1:operand2`, for use as an index; missing parts are null.
  case slice

  // MARK: Operators

  /// `operand0 op operand1`, or `operand0 op= operand1` if in place.
  case binary(BinaryOperator, inPlace: Bool)
  case unary(UnaryOperator)
  /// A comparison with an object as its result.
  case compare(Comparison)
  /// A comparison with a C integer of 0 or 1 as its result.
  case compareTruth(Comparison)
  /// Whether operand 0 is true, as a C integer of 0 or 1.
  case truth
  /// Whether operand 0 is false, as a C integer of 0 or 1.
  case notTruth
  /// Whether operand 0 has the attribute that operand 1 names, as a C integer of 0 or 1.
  case hasAttribute
  /// Whether operand 0 is in operand 1, as a C integer of 0 or 1.
  case contains
  /// Whether operand 0 is an instance of operand 1, as a C integer of 0 or 1.
  case isInstance
  /// Whether operand 0 is a subclass of operand 1, as a C integer of 0 or 1.
  case isSubclass
  /// Whether operand 0 can be called, as a C integer of 0 or 1.
  case isCallable

  // MARK: C numbers

  /// An `int` object for a C integer.
  case boxInteger
  /// A `float` object for a C `double`.
  case boxFloat
  /// A `bool` object for a C integer; does not raise.
  case boxBoolean
  /// The C integer of an object.
  case unboxInteger
  /// The C `double` of an object.
  case unboxFloat
  /// `hash(operand0)`, as a C integer.
  case hash
  /// `len(operand0)`, as a C integer.
  case length
  /// The number of entries of operand 0 as Cython itself asks for it; a C integer, does not raise.
  case entryCount

  // MARK: Calls

  /// Operand 0 called with the other operands; the shape tells how they are given.
  case call(CallShapeID)
  /// `operand0.name(…)`, with the attribute looked up after the arguments are evaluated.
  case callMethod(Symbol, CallShapeID)

  // MARK: Displays and text

  case tuple
  case list
  case set
  /// Keys and values in turn; a null key marks `**value`.
  case dictionary
  /// `*operand0`, as an element of a display.
  case starred
  /// `{operand0!conversion:operand1}`; operand 1 may be missing.
  case format(FormatConversion)
  /// The parts of an f-string.
  case joinedString

  // MARK: Iteration and unpacking

  /// The iterator over operand 0 at the head of a loop.
  case iterator
  /// The next item of the iterator in operand 0, or null at its end.
  case next
  /// Unpacks operand 0 into that many targets; ``element(_:)`` yields them.
  case unpack(before: UInt16, after: UInt16, isStarred: Bool)
  /// One target of the unpacking in operand 0; does not raise.
  case element(UInt16)
  /// Maps operand 1 to operand 2 in the dict display that is built in operand 0; no value.
  case addEntry
  /// Adds all items of operand 1 to the list or set display that is built in operand 0; no value.
  case addItems
  /// Adds all entries of operand 1 to the dict display that is built in operand 0; no value.
  case addEntries
  /// Adds operand 1 to the list that a comprehension builds in operand 0; no value.
  case appendToList
  /// Adds operand 1 to the set that a comprehension builds in operand 0; no value.
  case addToSet
  /// Maps operand 1 to operand 2 in the dict that a comprehension builds in operand 0; no value.
  case addToDictionary

  // MARK: Statements

  /// `import name`, with the names to import from it as operands if there are any.
  case importModule(Symbol, level: Int16)
  /// `import name`, with the innermost module of a dotted name as the value.
  case importDotted(Symbol)
  /// `from operand0 import name`
  case importFrom(Symbol)
  /// `raise operand0 from operand1`, or `raise` without operands. Does not return.
  case raise
  /// Reads a variable that is not bound, of the function itself or of one around it (`isFree`); its name is the
  /// C string at an address. Does not return.
  case readUnbound(name: UInt64, isFree: Bool)
  /// A failed assertion; operand 0 is the message, if there is one. Does not return.
  case failAssertion

  // MARK: Exceptions

  /// Opens a body whose exceptions are handled, as a decision whose second arm handles them; a C
  /// integer, does not raise.
  case tryBegin
  /// The pending error is gone; no value, does not raise.
  case clearError
  /// Opens a body behind which a clause runs, as a decision whose second arm is the clause as it runs
  /// after an exception; a C integer, does not raise.
  case finallyBegin
  /// Whether the exception that is handled is an instance of one of the operands, as a C integer of 0
  /// or 1.
  case exceptMatch
  /// A part of the exception that a handler has caught; does not raise.
  case caught(CaughtPart)
  /// What a variable holds where a handler starts, whatever the body has done; does not raise.
  case held
  /// The exception that was being handled before, kept; does not raise.
  case saveHandled
  /// The kept exception in operand 0 is the one that is being handled again; no value, does not raise.
  case restoreHandled
  /// The kept exception in operand 0 is not needed any more: a statement ends without an exception; no
  /// value, does not raise.
  case endHandled
  /// The exception goes on behind a `finally` clause. Does not return.
  case resume

  // MARK: Definitions

  /// A function object over the `PyMethodDef` at an address; operands are qualified name, closure
  /// and code object, null where there is none. The flags are Cython's.
  case function(definition: UInt64, flags: UInt8)
  /// Memory in which the function in operand 0 keeps defaults that are no literals.
  case functionDefaults
  /// The metaclass for the bases in operand 1, where operand 0 is asked for.
  case metaclass
  /// The namespace of a class: metaclass, bases, qualified name, keywords, docstring.
  case classNamespace(Symbol)
  /// The class itself: metaclass, bases, namespace, keywords.
  case makeClass(Symbol)
}

/// A part of an exception as `sys.exc_info()` gives it.
package enum CaughtPart: UInt8, BitwiseCopyable, Sendable {
  case type, value, traceback
}

/// A field of the structure in which Cython keeps the variables that inner functions use.
package struct ScopeField: Hashable, BitwiseCopyable, Sendable {
  /// The address of the structure's type.
  package let type: UInt64
  /// The distance of the field from the object's start, in bytes.
  package let offset: UInt64

  package init(type: UInt64, offset: UInt64) {
    self.type = type
    self.offset = offset
  }
}

package enum BinaryOperator: UInt8, BitwiseCopyable, Sendable {
  case add, subtract, multiply, matrixMultiply, divide, floorDivide, remainder, power
  case leftShift, rightShift, and, or, exclusiveOr
}

package enum UnaryOperator: UInt8, BitwiseCopyable, Sendable {
  case negative, positive, invert
}

/// A rich comparison; the raw values are those of CPython's `Py_LT` and its kin.
package enum Comparison: UInt8, BitwiseCopyable, Sendable {
  case less, lessOrEqual, equal, notEqual, greater, greaterOrEqual
}

package enum FormatConversion: UInt8, BitwiseCopyable, Sendable {
  case none, string, representation, ascii
}

/// How the arguments of a call are given.
package struct CallShape: Hashable, Sendable {
  package enum Argument: Hashable, Sendable {
    case positional
    /// `*argument`
    case starred
    case keyword(Symbol)
    /// `**argument`
    case doubleStarred
  }

  package var arguments: [Argument]

  package init(_ arguments: [Argument]) { self.arguments = arguments }

  package static func positional(_ count: Int) -> CallShape {
    CallShape(Array(repeating: .positional, count: count))
  }
}

package typealias CallShapeID = ID<CallShape>
