cimport cython

cdef object os

cdef class Node:
    cdef public object name
    cdef public object parent
    cdef public list children
    cdef public int count
    cpdef add(self, child)
    cpdef path(self)
    cpdef describe(self, prefix=*, suffix=*)
    cpdef bint is_root(self)
    cdef tag(self)

cdef class Leaf(Node):
    cpdef describe(self, prefix=*, suffix=*)

cpdef object join(first, second)
