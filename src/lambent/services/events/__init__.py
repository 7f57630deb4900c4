"""EventBridge: buses, rules and targets; what comes to a bus is kept until each target of each rule has it.

May import delivery, patterns, store, and below.
"""
