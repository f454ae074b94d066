"""What the lines of the C source tell apart."""


def first_even(numbers, report):
    for number in numbers:
        if number % 2 == 0:
            report(number)
            break
        report.skip(number)
    report.close()


def describe(value, writer):
    if not writer.accepts(value):
        writer.write(repr(value))
        return
    kind = value.kind
    writer.write(kind.name)


def policy_of(owner, policy):
    owner.check()
    policy = owner.policy if policy is None else policy
    owner.use(policy)
    return policy


def default_of(owner, policy):
    owner.check()
    if policy is None:
        policy = owner.policy
    owner.use(policy)
    return policy


def matches(left, right, prefix):
    left.check(right)
    if left.attached is None:
        return False
    return left.attached == right.attached
