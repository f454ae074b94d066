"""Functions in C that hand an object of another module's type to each other, by parsers.pxd."""
import os


def parse(reader, name='all'):
    reader.quiet = False
    result = parse_list(reader)
    reader._note(name)
    if reader.symbol != 'end':
        raise ValueError(os.path.join(name, str(reader.symbol)))
    return result


def parse_list(reader):
    items = [parse_item(reader)]
    while reader.symbol == ',':
        reader.next()
        items.append(parse_item(reader))
    return items


def parse_item(reader):
    if reader.symbol == '(':
        reader.next()
        result = parse_list(reader)
        expect(reader, ')')
        return result
    symbol = reader.symbol
    reader.next()
    return symbol


def expect(reader, symbol, message='unexpected symbol'):
    if reader.symbol != symbol:
        raise SyntaxError(message, reader.symbol)
    reader.next()


class Walker:
    def __init__(self, reader):
        self.reader = reader

    def walk(self, item):
        self.reader.note(item)
        return self.reader.place
