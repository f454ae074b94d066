"""A module without functions, in which only Cython's own types have methods."""
pairs = [(1, 2), (3, 4)]
last = pairs.pop()
