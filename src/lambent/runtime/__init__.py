"""Execution environments: processes that run functions, forked from warm interpreters and confined as far as may be.

May import clock, errors, call, arn and settings. What runs inside the processes is `guest/`, which imports nothing of
Lambent and only the standard library, so that any interpreter of the machine can run it.
"""
