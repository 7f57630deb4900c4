"""The AWS wire: bytes to parameters and back, driven by botocore's service models as data.

May import errors, call and clock, and no service: services are given to it as tables (`lambent.call.Service`).
"""
