"""CloudWatch metrics: what functions and their users measured, by namespace, name and dimensions.

May import metrics, store, clock and below.
"""
