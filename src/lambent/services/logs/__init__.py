"""CloudWatch Logs: what functions and clients wrote, by log group and stream.

May import store, clock and below.
"""
