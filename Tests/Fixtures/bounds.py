"""Slices of texts, whose bounds may be None."""


def rest(text: str, start):
    return text[start:]


def first(text: str, stop):
    return text[:stop]


def middle(text: str, start, stop):
    return text[start:stop]
