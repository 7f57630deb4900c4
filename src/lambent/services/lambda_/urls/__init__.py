"""Function URLs: their settings, and the HTTP requests that they turn into calls.

May import what the service may. Pure: `event`, `answer`, `cors`, `address`.
"""
