"""Answers with its event."""


def handler(event: object, _context: object) -> object:
    return event
