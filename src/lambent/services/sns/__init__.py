"""Amazon SNS: topics, subscriptions, and messages on their way to them.

May import call, clock, errors, delivery, patterns and store. Publishing is one transaction with its fan-out.
"""
