"""Statements that handle exceptions, one form a function."""


class Refused(Exception):
    pass


class Gate:
    def __init__(self, swallows):
        self.swallows = swallows
        self.log = []

    def __enter__(self):
        self.log.append('in')
        return self

    def __exit__(self, kind, value, trace):
        self.log.append('out')
        return self.swallows


def act(step, log):
    log.append(step)
    if step == 'bad':
        raise ValueError(step)
    if step == 'gone':
        raise KeyError(step)
    return step


def typed(step, log):
    try:
        act(step, log)
    except ValueError:
        log.append('value')


def several(step, log):
    try:
        act(step, log)
    except ValueError:
        log.append('value')
    except KeyError:
        log.append('key')


def any_of(step, log):
    try:
        act(step, log)
    except (ValueError, KeyError, IndexError):
        log.append('one of three')


def everything(step, log):
    try:
        act(step, log)
    except:
        log.append('something')


def named(step, log):
    try:
        act(step, log)
    except ValueError as error:
        log.append(str(error))


def own_class(step, log):
    try:
        if step == 'no':
            raise Refused(step)
        act(step, log)
    except Refused as error:
        log.append(error.args)


def otherwise(step, log):
    try:
        act(step, log)
    except ValueError:
        log.append('value')
    else:
        log.append('fine')
    log.append('end')


def again(step, log):
    try:
        act(step, log)
    except ValueError:
        log.append('value')
        raise


def another(step, log):
    try:
        act(step, log)
    except ValueError as error:
        raise Refused(step) from error


def returned(step, log):
    try:
        return act(step, log)
    except ValueError:
        return log.append('value')


def around(step, log):
    try:
        try:
            act(step, log)
        except ValueError:
            act('gone', log)
        log.append('inner')
    except KeyError:
        log.append('outer')


def inside(step, log):
    try:
        act(step, log)
    except ValueError:
        try:
            act('gone', log)
        except KeyError:
            log.append('both')


def in_turn(step, log):
    try:
        act(step, log)
    except ValueError:
        log.append('first')
    try:
        act('gone', log)
    except KeyError:
        log.append('second')


def at_last(step, log):
    try:
        act(step, log)
    finally:
        log.append('last')


def returned_at_last(step, log):
    try:
        return act(step, log)
    finally:
        log.append('last')


def all_at_once(step, log):
    try:
        act(step, log)
    except ValueError:
        log.append('value')
    finally:
        log.append('last')


def last_inside(step, log):
    try:
        try:
            act(step, log)
        finally:
            log.append('last')
    except ValueError:
        log.append('value')


def last_twice(step, log):
    try:
        try:
            act(step, log)
        finally:
            log.append('first')
    finally:
        log.append('second')


def until_bad(steps, log):
    for step in steps:
        try:
            act(step, log)
        except ValueError:
            break
        log.append('next')
    log.append('end')


def guarded(gate, step, log):
    with gate:
        act(step, log)


def guarded_as(gate, step, log):
    with gate as entered:
        act(step, entered.log)
    log.append('end')


def guarded_return(gate, step, log):
    with gate:
        return act(step, log)


def guarded_try(gate, step, log):
    with gate:
        try:
            act(step, log)
        except KeyError:
            log.append('key')


def kept(step, log):
    result = None
    try:
        result = act(step, log)
        act('bad', log)
    except ValueError:
        log.append(result)
    return result


def looked_up(item, name):
    return getattr(item, name, None)


def found(table, key):
    return table.get(key, 0)
