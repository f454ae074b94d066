def report(table):
    lines = []
    for key, value in table.items():
        lines.append(key + value[1:])
    return lines
