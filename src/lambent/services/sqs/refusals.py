"""The refusals of SQS, in AWS's words. Codes are shapes' names; the wire knows what older clients call them."""

from __future__ import annotations

from lambent.errors import AwsError

NO_QUEUE = "The specified queue does not exist."


def no_such_queue() -> AwsError:
    """400."""
    return AwsError("QueueDoesNotExist", NO_QUEUE)


def missing(name: str) -> AwsError:
    """400 for a parameter that must be there."""
    return AwsError("MissingRequiredParameterException", f"The request must contain the parameter {name}.", status=400)


def invalid(text: str) -> AwsError:
    """400 for a parameter."""
    return AwsError("InvalidParameterValueException", text, status=400)


def invalid_value(value: object, name: str, reason: str) -> AwsError:
    """400 for a parameter's value."""
    return invalid(f"Value {value} for parameter {name} is invalid. Reason: {reason}")


def unknown_attribute(name: str) -> AwsError:
    """400 for an attribute of a queue or of a message."""
    return AwsError("InvalidAttributeName", f"Unknown Attribute {name}.")


def invalid_attribute(name: str, reason: str = "") -> AwsError:
    """400 for the value of a queue's attribute."""
    text = f"Invalid value for the parameter {name}."
    return AwsError("InvalidAttributeValue", f"{text} Reason: {reason}" if reason else text)


def garbage(handle: str) -> AwsError:
    """400 for what is no receipt handle, or another queue's."""
    return AwsError("ReceiptHandleIsInvalid", f'The input receipt handle "{handle}" is not a valid receipt handle.')


def not_changeable(handle: str) -> AwsError:
    """400 for the visibility of a message that is not in flight."""
    reason = "Message does not exist or is not available for visibility timeout change."
    return invalid_value(handle, "ReceiptHandle", reason)


def expired(handle: str) -> AwsError:
    """400 for the receipt handle of a FIFO queue's message that is visible again."""
    return invalid_value(handle, "ReceiptHandle", "The receipt handle has expired.")


def no_such_resource(parameter: str) -> AwsError:
    """404 for a queue that an ARN names."""
    text = f"The resource that you specified for the {parameter} parameter doesn't exist."
    return AwsError("ResourceNotFoundException", text, status=404)


def denied(url: str) -> AwsError:
    """403 for another account's queue."""
    return AwsError("AccessDenied", f"Access to the resource {url} is denied.", status=403)


def not_built(what: str) -> AwsError:
    """501: what Lambent does not do is refused by name rather than ignored."""
    return AwsError("NotImplementedException", f"Lambent does not implement {what}", status=501)
