def choose(a, b, table):
    if a or b is None:
        return b
    else:
        return table.get(a, b)


def report(table):
    lines = []
    for key, value in table.items():
        if value is not None:
            lines.append(f'{key}: {value}')
    return lines


def shorten(text, suffix):
    return text[:-len(suffix)] + '...'


def label(heater):
    return f'<{heater.name} with {len(heater.sensors)} sensors>'


def tag(write, table):
    for key in table:
        write('<name>%s</name>' % quote(key))


def quote(text):
    return str(text)


def close(port):
    if not port.closed:
        try:
            port.flush()
        finally:
            port.closed = True


class Heater:
    def __init__(self, name, sensors=()):
        self.name = name
        self.sensors = list(sensors)
        self.target = 0.0

    def check(self, limit):
        if self.target > limit and self.sensors:
            return [s.name for s in self.sensors]
        return None


if __name__ == '__main__':
    print(label(Heater('bed')))
