"""CloudWatch Logs: what functions wrote, by log group and stream.

May import store, clock and below.
"""
