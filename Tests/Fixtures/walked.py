"""Loops along literals, and what the code of modules and classes does."""
import os
import sys

double = {int(c * 2, 16) for c in '0123456789abcdef'}
names = {'black': (0, 0), 'white': (1, 1)}
values = {v: k for k, v in names.items()}
flags = os.O_RDONLY | getattr(os, 'O_DIRECTORY', 0)

try:
    first, second = sys.argv[5:7]
except ValueError as error:
    first, second = (), ()

limit = 5
if not hasattr(sys, 'nothing'):
    limit = 6


def both(one, other):
    return one, other


class Meta(type):
    pass


class Base(metaclass=Meta):
    reserved = {'a', 'b'} | {'x%s' % c for c in '123'}

    def _pair(one, other):
        def forward(self):
            return one(self)
        return forward, other

    def _first(self):
        return 1

    def _second(self):
        return 2

    first, _rest = _pair(_first, os.getcwd)
    second, _other = _pair(_second, os.getpid)
    locals().update(zip(['third', 'fourth'], [3, 4]))


def headers(message):
    found = []
    for name in ('Date', 'From', 'Reply-To', 'To', 'CC', 'Subject'):
        if name in message and name not in found:
            found.append(message[name])
    return found


def action(text):
    if not text:
        return 'default'
    for name in ('default', 'always', 'ignore', 'module', 'once', 'error'):
        if name.startswith(text):
            return name
    raise ValueError('invalid action: %r' % (text,))


def versions(addresses):
    ips = []
    nets = []
    for ip in addresses:
        if isinstance(ip, str):
            if ips and ips[-1].version != ip.version:
                raise TypeError('%s and %s' % (ip, ips[-1]))
            ips.append(ip)
        elif ip.prefix == ip.length:
            if ips and ips[-1].version != ip.version:
                raise TypeError('%s and %s' % (ip, ips[-1]))
            try:
                ips.append(ip.ip)
            except AttributeError:
                ips.append(ip.network)
        else:
            if nets and nets[-1].version != ip.version:
                raise TypeError('%s and %s' % (ip, nets[-1]))
            nets.append(ip)
    return ips + nets


def copied(items):
    if type(items) is list:
        return items[:]
    return items


def dispatched(*args):
    if not args:
        raise TypeError('one argument at least')
    return both(args[0].__class__, args)


def named(value):
    return type(value).__name__
