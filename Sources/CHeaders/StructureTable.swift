/// Structures of CPython and Cython in C, with the versions in which a line is right.
///
/// Sources: `Include/` of CPython 3.6 to 3.14; `Cython/Utility/CythonFunction.c`, `Coroutine.c`,
/// `StringTools.c` of Cython 0.29 to 3.3.
enum StructureTable {
  static let all = [objects, types, values, functions, state, cython]

  private static let objects = """

    typedef struct _object PyObject;
    typedef struct _typeobject PyTypeObject;
    struct _object {
      Py_ssize_t ob_refcnt;
      PyTypeObject *ob_type;
    };
    typedef struct {
      PyObject ob_base;
      Py_ssize_t ob_size;
    } PyVarObject;

    typedef void (*destructor)(PyObject *);
    typedef void (*freefunc)(void *);
    typedef PyObject *(*getattrfunc)(PyObject *, char *);
    typedef int (*setattrfunc)(PyObject *, char *, PyObject *);
    typedef PyObject *(*unaryfunc)(PyObject *);
    typedef PyObject *(*binaryfunc)(PyObject *, PyObject *);
    typedef PyObject *(*ternaryfunc)(PyObject *, PyObject *, PyObject *);
    typedef int (*inquiry)(PyObject *);
    typedef Py_ssize_t (*lenfunc)(PyObject *);
    typedef Py_hash_t (*hashfunc)(PyObject *);
    typedef PyObject *(*ssizeargfunc)(PyObject *, Py_ssize_t);
    typedef int (*ssizeobjargproc)(PyObject *, Py_ssize_t, PyObject *);
    typedef int (*objobjproc)(PyObject *, PyObject *);
    typedef int (*objobjargproc)(PyObject *, PyObject *, PyObject *);
    typedef int (*visitproc)(PyObject *, void *);
    typedef int (*traverseproc)(PyObject *, visitproc, void *);
    typedef PyObject *(*richcmpfunc)(PyObject *, PyObject *, int);
    typedef PyObject *(*allocfunc)(PyTypeObject *, Py_ssize_t);
    typedef PyObject *(*newfunc)(PyTypeObject *, PyObject *, PyObject *);
    typedef PyObject *(*vectorcallfunc)(PyObject *, PyObject *const *, py_word, PyObject *);
    typedef PyObject *(*getter)(PyObject *, void *);
    typedef int (*setter)(PyObject *, PyObject *, void *);
    typedef PyObject *(*PyCFunction)(PyObject *, PyObject *);
    typedef int (*Py_tracefunc)(PyObject *, void *, int, PyObject *);
    """

  private static let types = """

    typedef struct {
      const char *ml_name;
      PyCFunction ml_meth;
      int ml_flags;
      const char *ml_doc;
    } PyMethodDef;
    typedef struct {
      const char *name;
      int type;
      Py_ssize_t offset;
      int flags;
      const char *doc;
    } PyMemberDef;
    typedef struct {
      const char *name;
      getter get;
      setter set;
      const char *doc;
      void *closure;
    } PyGetSetDef;
    typedef struct {
      unaryfunc am_await;
      unaryfunc am_aiter;
      unaryfunc am_anext;
      [py>=3.10] void *am_send;
    } PyAsyncMethods;
    typedef struct {
      binaryfunc nb_add, nb_subtract, nb_multiply, nb_remainder, nb_divmod;
      ternaryfunc nb_power;
      unaryfunc nb_negative, nb_positive, nb_absolute;
      inquiry nb_bool;
      unaryfunc nb_invert;
      binaryfunc nb_lshift, nb_rshift, nb_and, nb_xor, nb_or;
      unaryfunc nb_int;
      void *nb_reserved;
      unaryfunc nb_float;
      binaryfunc nb_inplace_add, nb_inplace_subtract, nb_inplace_multiply, nb_inplace_remainder;
      ternaryfunc nb_inplace_power;
      binaryfunc nb_inplace_lshift, nb_inplace_rshift, nb_inplace_and, nb_inplace_xor;
      binaryfunc nb_inplace_or, nb_floor_divide, nb_true_divide, nb_inplace_floor_divide;
      binaryfunc nb_inplace_true_divide;
      unaryfunc nb_index;
      binaryfunc nb_matrix_multiply, nb_inplace_matrix_multiply;
    } PyNumberMethods;
    typedef struct {
      lenfunc sq_length;
      binaryfunc sq_concat;
      ssizeargfunc sq_repeat, sq_item;
      void *was_sq_slice;
      ssizeobjargproc sq_ass_item;
      void *was_sq_ass_slice;
      objobjproc sq_contains;
      binaryfunc sq_inplace_concat;
      ssizeargfunc sq_inplace_repeat;
    } PySequenceMethods;
    typedef struct {
      lenfunc mp_length;
      binaryfunc mp_subscript;
      objobjargproc mp_ass_subscript;
    } PyMappingMethods;
    typedef struct {
      void *bf_getbuffer;
      void *bf_releasebuffer;
    } PyBufferProcs;
    struct _typeobject {
      PyVarObject ob_base;
      const char *tp_name;
      Py_ssize_t tp_basicsize, tp_itemsize;
      destructor tp_dealloc;
      [py<3.8] void *tp_print;
      [py>=3.8] Py_ssize_t tp_vectorcall_offset;
      getattrfunc tp_getattr;
      setattrfunc tp_setattr;
      PyAsyncMethods *tp_as_async;
      unaryfunc tp_repr;
      PyNumberMethods *tp_as_number;
      PySequenceMethods *tp_as_sequence;
      PyMappingMethods *tp_as_mapping;
      hashfunc tp_hash;
      ternaryfunc tp_call;
      unaryfunc tp_str;
      binaryfunc tp_getattro;
      objobjargproc tp_setattro;
      PyBufferProcs *tp_as_buffer;
      py_word tp_flags; /* unsigned long */
      const char *tp_doc;
      traverseproc tp_traverse;
      inquiry tp_clear;
      richcmpfunc tp_richcompare;
      Py_ssize_t tp_weaklistoffset;
      unaryfunc tp_iter;
      unaryfunc tp_iternext;
      PyMethodDef *tp_methods;
      PyMemberDef *tp_members;
      PyGetSetDef *tp_getset;
      PyTypeObject *tp_base;
      PyObject *tp_dict;
      ternaryfunc tp_descr_get;
      objobjargproc tp_descr_set;
      Py_ssize_t tp_dictoffset;
      objobjargproc tp_init;
      allocfunc tp_alloc;
      newfunc tp_new;
      freefunc tp_free;
      inquiry tp_is_gc;
      PyObject *tp_bases;
      PyObject *tp_mro;
      PyObject *tp_cache;
      PyObject *tp_subclasses;
      PyObject *tp_weaklist;
      destructor tp_del;
      unsigned int tp_version_tag;
      destructor tp_finalize;
      [py>=3.8] vectorcallfunc tp_vectorcall;
      [py>=3.8 py<3.9] void *tp_print;
      [py>=3.12] unsigned char tp_watched;
      [py>=3.13] unsigned short tp_versions_used;
    };
    """

  private static let values = """

    typedef struct {
      [py<3.12] PyVarObject ob_base;
      [py>=3.12] PyObject ob_base;
      [py>=3.12] py_word lv_tag; /* number of digits << 3, and the sign */
      digit ob_digit[1];
    } PyLongObject;
    typedef struct {
      PyObject ob_base;
      double ob_fval;
    } PyFloatObject;
    typedef struct {
      PyObject ob_base;
      struct { double real, imag; } cval;
    } PyComplexObject;
    typedef struct {
      PyVarObject ob_base;
      Py_hash_t ob_shash;
      char ob_sval[1];
    } PyBytesObject;
    typedef struct {
      PyObject ob_base;
      Py_ssize_t length;
      Py_hash_t hash;
      unsigned int state; /* interned, kind, compact, ascii (, ready) */
      [py<3.12] void *wstr;
    } PyASCIIObject; /* an ASCII string's characters stand behind it */
    typedef struct {
      PyASCIIObject _base;
      Py_ssize_t utf8_length;
      char *utf8;
      [py<3.12] Py_ssize_t wstr_length;
    } PyCompactUnicodeObject; /* any other compact string's characters stand behind it */
    typedef struct {
      PyCompactUnicodeObject _base;
      void *data;
    } PyUnicodeObject;
    typedef struct {
      PyVarObject ob_base;
      [py>=3.14] Py_hash_t ob_hash;
      PyObject *ob_item[1];
    } PyTupleObject;
    typedef struct {
      PyVarObject ob_base;
      PyObject **ob_item;
      Py_ssize_t allocated;
    } PyListObject;
    typedef struct {
      PyObject ob_base;
      Py_ssize_t ma_used;
      [py<3.14] unsigned long long ma_version_tag;
      [py>=3.14] py_word _ma_watcher_tag;
      void *ma_keys;
      void *ma_values;
    } PyDictObject;
    typedef struct {
      PyObject *key;
      Py_hash_t hash;
    } setentry;
    typedef struct {
      PyObject ob_base;
      Py_ssize_t fill;
      Py_ssize_t used;
      Py_ssize_t mask;
      setentry *table;
      Py_hash_t hash;
      Py_ssize_t finger;
      setentry smalltable[8];
      PyObject *weakreflist;
    } PySetObject;
    typedef struct {
      PyObject ob_base;
      PyObject *start, *stop, *step;
    } PySliceObject;
    typedef struct {
      PyObject ob_base;
      PyObject *dict;
      PyObject *args;
      [py>=3.11] PyObject *notes;
      PyObject *traceback;
      PyObject *context;
      PyObject *cause;
      char suppress_context;
    } PyBaseExceptionObject;
    """

  private static let functions = """

    typedef struct {
      PyObject ob_base;
      PyMethodDef *m_ml;
      PyObject *m_self;
      PyObject *m_module;
      PyObject *m_weakreflist;
      [py>=3.8] vectorcallfunc vectorcall;
    } PyCFunctionObject;
    [py>=3.9] typedef struct {
      [py>=3.9] PyCFunctionObject func;
      [py>=3.9] PyTypeObject *mm_class;
    [py>=3.9] } PyCMethodObject;
    typedef struct {
      PyObject ob_base;
      PyObject *im_func;
      PyObject *im_self;
      PyObject *im_weakreflist;
      [py>=3.8] vectorcallfunc vectorcall;
    } PyMethodObject;
    typedef struct {
      int slot;
      void *value;
    } PyModuleDef_Slot;
    typedef struct {
      PyObject ob_base;
      PyObject *(*m_init)(void);
      Py_ssize_t m_index;
      PyObject *m_copy;
    } PyModuleDef_Base;
    typedef struct {
      PyModuleDef_Base m_base;
      const char *m_name;
      const char *m_doc;
      Py_ssize_t m_size;
      PyMethodDef *m_methods;
      PyModuleDef_Slot *m_slots;
      traverseproc m_traverse;
      inquiry m_clear;
      freefunc m_free;
    } PyModuleDef;
    """

  private static let state = """

    [py>=3.7] typedef struct _err_stackitem {
      [py>=3.7 py<3.11] PyObject *exc_type;
      [py>=3.7] PyObject *exc_value;
      [py>=3.7 py<3.11] PyObject *exc_traceback;
      [py>=3.7] struct _err_stackitem *previous_item;
    [py>=3.7] } _PyErr_StackItem;
    typedef struct _ts {
      struct _ts *prev;
      struct _ts *next;
      void *interp;
      [py>=3.13] py_word eval_breaker;
      [py>=3.12] unsigned int _status;
      [py>=3.13] int _whence;
      [py>=3.13] int state;
      [py<3.11] void *frame;
      [py<3.11] int recursion_depth;
      [py<3.10] char overflowed;
      [py<3.10] char recursion_critical;
      [py>=3.10 py<3.11] int recursion_headroom;
      [py>=3.7 py<3.11] int stackcheck_counter;
      [py>=3.11 py<3.12] int _initialized;
      [py>=3.11 py<3.12] int _static;
      [py>=3.11 py<3.12] int recursion_remaining;
      [py>=3.11 py<3.12] int recursion_limit;
      [py>=3.12] int py_recursion_remaining;
      [py>=3.12] int py_recursion_limit;
      [py>=3.12 py<3.14] int c_recursion_remaining;
      [py>=3.11] int recursion_headroom;
      int tracing;
      [py<3.10] int use_tracing;
      [py>=3.11 py<3.12] int tracing_what;
      [py>=3.12] int what_event;
      [py>=3.10 py<3.13] void *cframe;
      [py>=3.13] void *current_frame;
      Py_tracefunc c_profilefunc;
      Py_tracefunc c_tracefunc;
      PyObject *c_profileobj;
      PyObject *c_traceobj;
      [py<3.12] PyObject *curexc_type;
      [py<3.12] PyObject *curexc_value;
      [py<3.12] PyObject *curexc_traceback;
      [py>=3.12] PyObject *current_exception;
      [py<3.7] PyObject *exc_type;
      [py<3.7] PyObject *exc_value;
      [py<3.7] PyObject *exc_traceback;
      [py>=3.7 py<3.11] _PyErr_StackItem exc_state;
      [py>=3.7] _PyErr_StackItem *exc_info;
    } PyThreadState; /* the first part of it */
    """

  private static let cython = """

    typedef struct {
      [py<3.9] PyCFunctionObject func;
      [py>=3.9 cy>=3.0] PyCMethodObject func;
      [py>=3.9 cy<3.0] PyCFunctionObject func;
      [py<3.8 cy>=3.0 cy<3.2] vectorcallfunc func_vectorcall;
      [py<3.12] PyObject *func_dict;
      [py>=3.12 cy<3.2] PyObject *func_dict;
      PyObject *func_name;
      PyObject *func_qualname;
      PyObject *func_doc;
      PyObject *func_globals;
      PyObject *func_code;
      PyObject *func_closure;
      [py<3.9] PyObject *func_classobj; /* for super() */
      [py>=3.9 cy<3.0] PyObject *func_classobj; /* for super() */
      [cy<3.1] void *defaults;
      [cy<3.1] int defaults_pyobjects;
      [cy<3.1] py_word defaults_size;
      [cy>=3.1] PyObject *defaults;
      int flags;
      PyObject *defaults_tuple;
      PyObject *defaults_kwdict;
      PyObject *(*defaults_getter)(PyObject *);
      PyObject *func_annotations;
      [cy>=3.0 cy<3.3] PyObject *func_is_coroutine;
      [py<3.11 cy>=3.3] PyObject *func_is_coroutine;
    } __pyx_CyFunctionObject;
    typedef struct {
      PyObject ob_base;
      PyObject *(*body)(PyObject *, PyThreadState *, PyObject *);
      PyObject *closure;
      [py<3.11] PyObject *exc_type;
      [py>=3.11 cy<3.0] PyObject *exc_type;
      PyObject *exc_value;
      [py<3.11] PyObject *exc_traceback;
      [py>=3.11 cy<3.0] PyObject *exc_traceback;
      [py>=3.7 py<3.11] _PyErr_StackItem *previous_item;
      [py>=3.11 cy>=3.0] _PyErr_StackItem *previous_item;
      [py<3.12] PyObject *gi_weakreflist;
      [py>=3.12 cy<3.2] PyObject *gi_weakreflist;
      PyObject *classobj;
      PyObject *yieldfrom;
      [cy>=3.1] void *yieldfrom_am_send;
      PyObject *gi_name;
      PyObject *gi_qualname;
      PyObject *gi_modulename;
      PyObject *gi_code;
      PyObject *gi_frame;
      int resume_label;
      char is_running;
    } __pyx_CoroutineObject;
    [cy<3.1] typedef struct {
      [cy<3.1] PyObject **p;
      [cy<3.1] const char *s;
      [cy<3.1] const Py_ssize_t n;
      [cy<3.1] const char *encoding;
      [cy<3.1] const char is_unicode;
      [cy<3.1] const char is_str;
      [cy<3.1] const char intern;
    [cy<3.1] } __Pyx_StringTabEntry;
    """
}
