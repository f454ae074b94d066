"""Statements that handle exceptions, in loops, generators, coroutines and in one another."""
import contextlib


class Gate:
    def __init__(self, log, swallows=False):
        self.log = log
        self.swallows = swallows

    def __enter__(self):
        self.log.append('in')
        return self

    def __exit__(self, kind, value, trace):
        self.log.append(('out', kind))
        return self.swallows


class AsyncGate:
    def __init__(self, log, swallows=False):
        self.log = log
        self.swallows = swallows

    async def __aenter__(self):
        self.log.append('in')
        return self

    async def __aexit__(self, kind, value, trace):
        self.log.append(('out', kind))
        return self.swallows


def act(step, log):
    log.append(step)
    if step == 'bad':
        raise ValueError(step)
    if step == 'gone':
        raise KeyError(step)
    if step == 'odd':
        raise OSError(step)
    return step


def handler_returns(step, log):
    try:
        value = act(step, log)
    except ValueError:
        return 'early'
    log.append('behind')
    return value


def handler_returns_none(step, log):
    if step:
        try:
            value = act(step, log)
        except ValueError:
            return None
        with Gate(log):
            value = act(value + '!', log)
        if value == 'ok!':
            return value


def two_tries(step, log):
    try:
        first = act(step, log)
    except ValueError:
        first = 'x'
    try:
        second = act(first, log)
    except KeyError:
        second = 'y'
    return first + second


def in_loop(steps, log):
    count = 0
    for step in steps:
        try:
            act(step, log)
        except ValueError:
            continue
        except KeyError:
            break
        count += 1
    return count


def loop_else(steps, log):
    for step in steps:
        try:
            act(step, log)
        except ValueError:
            log.append('handled')
            break
    else:
        log.append('all')
    return len(log)


def finally_in_loop(steps, log):
    for step in steps:
        try:
            if step == 'skip':
                continue
            if step == 'stop':
                break
            act(step, log)
        finally:
            log.append('last')
    return len(log)


def finally_returns(step, log):
    try:
        if step == 'early':
            return 'r'
        act(step, log)
    finally:
        log.append('fin')
    return 'end'


def try_except_finally(step, log):
    try:
        act(step, log)
    except ValueError as error:
        log.append(str(error))
    else:
        log.append('else')
    finally:
        log.append('fin')
    return len(log)


def nested(step, log):
    try:
        try:
            act(step, log)
        except KeyError:
            log.append('inner')
            act('bad', log)
    except ValueError:
        log.append('outer')
    return len(log)


def handler_in_handler(step, log):
    try:
        act(step, log)
    except ValueError:
        try:
            act('gone', log)
        except KeyError as error:
            log.append(repr(error))
    return len(log)


def again(step, log):
    try:
        act(step, log)
    except (ValueError, KeyError):
        if log:
            log.append('seen')
            raise
        return 'no'
    return 'yes'


def other_cause(step, log):
    try:
        act(step, log)
    except ValueError as error:
        raise RuntimeError('other') from error
    return 'fine'


def own_classes(step, log, kinds):
    try:
        act(step, log)
    except kinds as error:
        log.append(type(error).__name__)
        return 'known'
    except contextlib.suppress:
        log.append('never')
    return 'unknown'


def two_items(step, log):
    with Gate(log) as first, Gate(log) as second:
        act(step, log)
        log.append(first is second)
    return len(log)


def three_items(step, log):
    with Gate(log), Gate(log, True), Gate(log) as last:
        log.append(last.swallows)
        act(step, log)
    log.append('behind')
    return len(log)


def with_returns(step, log):
    with Gate(log, True):
        return act(step, log)
    log.append('swallowed')
    return 'none'


def with_goes_on(step, log):
    with contextlib.suppress(ValueError):
        return act(step, log)
    with contextlib.suppress(KeyError):
        return act('gone', log)
    return []


def with_in_loop(steps, log):
    for step in steps:
        with Gate(log, True):
            if step == 'skip':
                continue
            if step == 'stop':
                break
            act(step, log)
            log.append('did')
    return len(log)


def with_in_try(step, log):
    try:
        with Gate(log):
            act(step, log)
    except ValueError:
        log.append('caught')
    finally:
        log.append('fin')
    return len(log)


def held_value(step, log):
    found = 'nothing'
    try:
        found = act('ok', log)
        found = act(step, log)
    except ValueError:
        log.append(found)
    return found


def held_once(step, log):
    found = None
    try:
        found = act(step, log)
        act('bad' if found == 'skip' else 'ok', log)
    except ValueError:
        log.append(found)
    return found


def held_again(step, log):
    found = 'n'
    try:
        found = act(step, log)
        log.append(found)
        found = 'n'
        act('bad', log)
    except ValueError:
        log.append(found)
    return found


def held_in_loop(step, log):
    found = 'n'
    for item in ('a', step, 'b'):
        try:
            act('x', log)
            found = act(item, log)
            act('y', log)
        except ValueError:
            log.append(found)
    return found


def held_inner_loop(step, log):
    found = 'n'
    try:
        for item in ('a', step, 'b'):
            act('x', log)
            found = act(item, log)
            act('y', log)
    except ValueError:
        log.append(found)
    return found


def held_parameter(step, log):
    try:
        act('x', log)
        step = 'k'
        act('bad', log)
    except ValueError:
        log.append(step)
    return step


def held_same(step, log):
    found = None
    try:
        if step == 'ok':
            found = act(step, log)
            act('bad', log)
        else:
            act(step, log)
            found = None
            act('bad', log)
    except ValueError:
        log.append(found)
    return found


def texts(step, log):
    a = step[1:]
    b = step[:2]
    if a == 'k' and b != 'no':
        log.append(1)
    if a != 'k' or b == 'ba':
        log.append(2)
    while a == 'ad':
        a = b[5:]
        log.append(a)
    return len(log)


def raise_outside(step, log):
    if step == 'bad':
        raise
    log.append(step)
    return 'in'


def raise_from_inside(step, log):
    try:
        act('gone', log)
    except KeyError:
        return raise_outside(step, log)


def raise_through_finally(step, log):
    try:
        if step == 'bad':
            raise
        act(step, log)
    finally:
        log.append('fin')
    return 'end'


def finally_in_else(step, log):
    try:
        first = act(step, log)
    except ValueError:
        pass
    else:
        try:
            second = act(first + 'y', log)
        finally:
            log.append(first)
        if second != 'oky':
            log.append(second)
    return len(log)


def try_in_finally(step, log):
    try:
        act(step, log)
    finally:
        found = len(log)
        if found:
            try:
                act('bad' if step == 'odd' else step, log)
            except ValueError as error:
                if log[0] == 'gone':
                    raise
                log.append(str(error))
            finally:
                log.append(found)
    return len(log)


def merged(step, log, **more):
    return act(step, **{'log': log}, **more)


def one_of_texts(step, log):
    part = step[0:2]
    if part == 'ok':
        log.append(1)
    elif part == 'ba':
        log.append(2)
    else:
        return part
    return len(log)


def default_attribute(value, log):
    if getattr(value, 'name', None):
        log.append('named')
    found = getattr(value, 'size', 7)
    if hasattr(value, 'other'):
        found += 1
    kind = getattr(value, 'kind', None)
    if kind is None:
        return found
    return kind


def first_of(values, log):
    found = next(iter(values), None)
    if found is None:
        log.append('empty')
    return found


def next_of(values, log):
    found = next(iter(values))
    log.append(found)
    return found


def leaves_at_once(steps, log):
    for step in steps:
        log.append(step)
        return step
    raise KeyError


def second_chance(step, log):
    try:
        return act(step, log)
    except ValueError:
        pass
    try:
        return act('bad', log)
    except ValueError:
        raise OSError(step)


def generator_try(steps, log):
    for step in steps:
        try:
            yield act(step, log)
        except ValueError:
            log.append('handled')
            yield 'after'
        else:
            log.append('else')


def generator_finally(steps, log):
    try:
        for step in steps:
            yield act(step, log)
    finally:
        log.append('closed')


def generator_with(steps, log):
    with Gate(log) as gate:
        for step in steps:
            got = yield act(step, log)
            log.append(got)
    log.append(gate.swallows)


def generator_again(steps, log):
    try:
        for step in steps:
            yield act(step, log)
    except KeyError as error:
        log.append(error.args)
        raise


async def coroutine_try(step, log):
    try:
        value = await later(step, log)
    except ValueError:
        log.append('handled')
        value = await later('again', log)
    return value


async def coroutine_finally(step, log):
    try:
        return await later(step, log)
    finally:
        log.append('fin')


async def coroutine_nested(step, log):
    try:
        try:
            await later(step, log)
        finally:
            log.append('fin')
    except KeyError:
        if log:
            log.append('key')
        raise
    return len(log)


async def coroutine_returns(step, log):
    async with AsyncGate(log):
        try:
            return await later(step, log)
        except KeyError:
            await later('again', log)
            raise
        finally:
            log.append('fin')


async def coroutine_with(step, log):
    async with AsyncGate(log) as gate:
        await later(step, log)
        log.append(gate.swallows)
    return len(log)


async def coroutine_swallows(step, log):
    async with AsyncGate(log, True):
        await later(step, log)
        return 'in'
    return 'out'


async def later(step, log):
    return act(step, log)
