from readers cimport Reader

cdef object os

cpdef parse(Reader reader, name=*)
cdef parse_list(Reader reader)
cdef parse_item(Reader reader)
cdef expect(Reader reader, symbol, message=*)

cdef class Walker:
    cdef public Reader reader
