"""STS: temporary credentials, and who is behind any credentials.

Users and roles are IAM's; STS sees them through a port. May import store, clock and below.
"""
