"""The way into a function: what may run, how many at once, and what becomes of the outcome.

May import runtime, store, clock and below. Which functions there are is known to the Lambda service above; it is asked
through the `Directory` port.
"""
