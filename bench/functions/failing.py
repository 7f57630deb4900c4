"""Fails on every call."""


def handler(_event: object, _context: object) -> object:
    raise ValueError("no")
