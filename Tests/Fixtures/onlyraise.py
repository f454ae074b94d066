def check(value, log):
    if value == 'bad':
        raise ValueError(value)
    log.append(value)
    return len(log)


def other(value, log):
    log.append(value)
    return value
