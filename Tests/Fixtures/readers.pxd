cdef class Reader:
    cdef public list texts
    cdef public object symbol
    cdef public object place
    cdef public bint quiet
    cdef _note(self, text)
