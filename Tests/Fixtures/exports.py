"""No functions: the module alone writes tracebacks."""
from os.path import *
from textwrap import *
from itertools import chain

VERSION = "1.0"
__all__ = ["chain", "VERSION"]
