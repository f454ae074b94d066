"""Types in C whose attributes and methods another module uses: see parsers.py."""


class Reader:
    def __init__(self, texts):
        self.texts = list(texts)
        self.symbol = None
        self.place = 0
        self.quiet = False
        self.next()

    def next(self):
        if self.place < len(self.texts):
            self.symbol = self.texts[self.place]
        else:
            self.symbol = 'end'
        self.place += 1

    def _note(self, text):
        self.texts.append(str(text))
        return self.texts[-1]

    def note(self, text):
        return self._note(text)
