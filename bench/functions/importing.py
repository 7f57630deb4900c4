"""Imports what most functions import, and answers with its event."""

import boto3


def handler(event: object, _context: object) -> object:
    return event if boto3.__version__ else None
