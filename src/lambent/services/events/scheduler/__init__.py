"""EventBridge Scheduler: one-time and recurring schedules with time zones and flexible windows.

An API of its own beside EventBridge's; what it fires goes the same way. May import what `lambent.services.events` may.
"""
