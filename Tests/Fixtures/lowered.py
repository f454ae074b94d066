"""A builtin type's method that is called at one place alone: compilers make a helper for it."""


def letter_of(letter: str, names):
    """The letter's usual name."""
    letter = letter.lower()
    return names.get(letter, letter)
