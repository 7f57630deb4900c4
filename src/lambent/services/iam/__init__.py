"""IAM: users, groups, roles, instance profiles, policies and access keys, kept as documents; nothing is enforced by it.

IAM is global: an account has one world of it, whatever the region. May import store, clock and below.
"""
