"""AWS Lambda: functions, their settings and states, and the operations on them.

May import invoke, runtime, store, clock and below.
"""
