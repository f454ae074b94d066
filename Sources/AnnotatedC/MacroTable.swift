/// The macros that stand for Python operations in annotated C.
///
/// Each stands for what Cython writes out: the fast ways for exact types, the caches, the counting of
/// references, and the way to the traceback if the step fails.
enum MacroTable {
  /// A macro of the generated header.
  struct Macro {
    let name: String
    let result: CType
    let meaning: String
  }

  /// Every macro by its name.
  static let all: [Macro] = rows.split(separator: "\n").compactMap { row in
    let parts = row.split(separator: "|", maxSplits: 2).map { $0.trimmingSpaces }
    guard parts.count == 3 else { return nil }
    let type: CType =
      switch parts[1] {
      case "int": .integer(4)
      case "size": .integer(8)
      case "double": .double
      default: .object
      }
    return Macro(name: parts[0], result: type, meaning: parts[2])
  }

  private static let rows = """
    PY_GLOBAL | object | the global or builtin NAME: cached dictionary lookup, then builtins
    PY_TEXT | object | a constant text that C code has as a C string
    PY_SET_GLOBAL | int | NAME = value in the module's dictionary
    PY_DEL_GLOBAL | int | del NAME in the module's dictionary
    PY_CLASS_NAME | object | NAME in the namespace of a class body, else the global
    PY_SET_NAME | int | NAME = value in the namespace of a class body
    PY_DEL_NAME | int | del NAME in the namespace of a class body
    PY_SCOPE | object | a new closure scope of this type: tp_new, from its free list if that has one
    PY_DEL_CELL | int | the variable in the scope is unbound again
    PY_GENERATOR | object | a generator, coroutine or async generator: __Pyx_Generator_New(body, scope, name)
    PY_RUN | object | runs a generator at once and takes what it returns
    PY_YIELD | object | yield value: saves the state, returns, and goes on here; the value is what is sent in
    PY_YIELD_FROM | object | yield from (or await) value: __Pyx_Generator_Yield_From
    PY_AITER | object | the asynchronous iterator: tp_as_async->am_aiter
    PY_ANEXT | object | what is awaited of the next item; NULL behind the last one
    PY_ATTR | object | object.NAME: PyObject_GetAttr or tp_getattro
    PY_SET_ATTR | int | object.NAME = value: PyObject_SetAttr or tp_setattro
    PY_DEL_ATTR | int | del object.NAME
    PY_ITEM | object | object[index]: PyObject_GetItem, with fast ways for lists, tuples and dicts
    PY_SET_ITEM | int | object[index] = value
    PY_DEL_ITEM | int | del object[index]
    PY_SLICE | object | slice(start, stop, step) as an index; NULL where a part is missing
    PY_ADD | object | left + right: PyNumber_Add, with fast ways for int, float and str
    PY_SUBTRACT | object | left - right
    PY_MULTIPLY | object | left * right
    PY_MATRIX_MULTIPLY | object | left @ right
    PY_DIVIDE | object | left / right
    PY_FLOOR_DIVIDE | object | left // right
    PY_REMAINDER | object | left % right; also formatting with %
    PY_POWER | object | left ** right
    PY_LEFT_SHIFT | object | left << right
    PY_RIGHT_SHIFT | object | left >> right
    PY_AND | object | left & right
    PY_OR | object | left | right
    PY_EXCLUSIVE_OR | object | left ^ right
    PY_IN_PLACE | object | left op= right, the operator first: PyNumber_InPlaceAdd and its kin
    PY_NEGATIVE | object | -value
    PY_POSITIVE | object | +value
    PY_INVERT | object | ~value
    PY_COMPARE | object | left op right as an object: PyObject_RichCompare
    PY_TEST | int | left op right as a C truth value, with fast ways for int and str
    PY_TRUE | int | bool(value): True, False and None at once, else PyObject_IsTrue
    PY_NOT | int | not value
    PY_HAS_ATTR | int | hasattr(object, name)
    PY_IN | int | item in container: PySequence_Contains
    PY_ISINSTANCE | int | isinstance(object, type)
    PY_ISSUBCLASS | int | issubclass(class, type)
    PY_CALLABLE | int | callable(object)
    PY_INT | object | an int of a C integer: PyLong_FromSsize_t
    PY_FLOAT | object | a float of a C double
    PY_BOOL | object | True or False of a C integer
    PY_AS_INT | size | the C integer of an object: PyNumber_AsSsize_t
    PY_AS_DOUBLE | double | the C double of an object
    PY_HASH | size | hash(object)
    PY_LEN | size | len(object)
    PY_ENTRIES | size | the number of entries of a dict, list or tuple, without a check
    PY_CALL | object | function(arguments...): vectorcall, tp_call or method fast way with its argument array
    PY_CALL_METHOD | object | object.NAME(arguments...), the attribute looked up behind the arguments
    PY_KW | object | name=value as an argument
    PY_STAR | object | *value as an argument or element
    PY_STARS | object | **value as an argument or entry
    PY_TUPLE | object | (items...)
    PY_LIST | object | [items...]
    PY_SET | object | {items...}
    PY_DICT | object | {key: value, ...}: keys and values in turn; NULL as a key means **value
    PY_FORMAT | object | format(value, specification), with the conversion 'r', 's', 'a' or 0 first
    PY_JOIN | object | the parts of an f-string as one string
    PY_ITER | object | iter(object), or the object itself where a list or tuple is walked by index
    PY_NEXT | object | the next item; NULL at the end (StopIteration is cleared)
    PY_UNPACK | object | a, b, *c, d = object: numbers of targets before and behind the star; sizes are checked
    PY_ELEMENT | object | one target of an unpacking, by its number
    PY_ADD_ENTRY | int | display[key] = value while a dict display is built
    PY_EXTEND | int | adds all items to the list or set that is built
    PY_UPDATE | int | adds all entries to the dict that is built
    PY_APPEND | int | adds an item to the list that a comprehension builds
    PY_ADD_TO_SET | int | adds an item to the set that a comprehension builds
    PY_PUT | int | adds key and value to the dict that a comprehension builds
    PY_IMPORT | object | import NAME at a level (0 is absolute), with the names asked for: __Pyx_Import
    PY_IMPORT_LAST | object | the innermost module of a dotted name
    PY_FROM | object | from module import NAME: __Pyx_ImportFrom
    PY_RAISE | int | raise type or value, cause; nothing: raise the one being handled. Does not return
    PY_ASSERT_FAILS | int | raise AssertionError(message). Does not return
    PY_UNBOUND | int | reads a variable that is not bound. Does not return
    PY_TRY | int | 1 at first; if a step behind it fails, control comes back with 0 for the handlers
    PY_FINALLY | int | 1 at first; if a step behind it fails, control comes back with 0 for the clause
    PY_CLEAR | int | the pending error is dropped
    PY_EXCEPT | int | whether the exception at hand is an instance of one of the classes
    PY_CAUGHT | object | the type, value or traceback of the exception that is handled: __Pyx_GetException
    PY_HELD | object | what a variable holds where a handler starts
    PY_SAVE | object | keeps the exception that was handled before: __Pyx_ExceptionSave
    PY_RESTORE | int | puts it back: __Pyx_ExceptionReset
    PY_END | int | drops what was kept: a try statement ends without an exception
    PY_RESUME | int | the exception goes on behind a finally clause. Does not return
    PY_FUNCTION | object | a function object over a PyMethodDef: flags, qualified name, closure, code
    PY_DEFAULTS | object | the memory of a function for defaults that are no literals
    PY_METACLASS | object | the metaclass for some bases: __Pyx_CalculateMetaclass
    PY_NAMESPACE | object | the namespace of class NAME: metaclass, bases, qualified name, keywords, docstring
    PY_CLASS | object | class NAME: metaclass, bases, namespace, keywords
    """
}

extension Substring {
  /// The text without spaces at its ends.
  fileprivate var trimmingSpaces: String {
    String(drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
  }
}
