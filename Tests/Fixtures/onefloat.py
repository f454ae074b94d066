def parse(self, part):
    try:
        x = float(part)
    except ValueError as e:
        raise self.error(part)
    return x
