from __future__ import annotations

import pytest

from lambent.services.lambda_.urls.address import public


@pytest.mark.parametrize(
    ("endpoint", "expected"),
    [
        ("http://localhost:4566", "http://abc.lambda-url.eu-west-1.localhost:4566/"),
        ("http://127.0.0.1:4566", "http://abc.lambda-url.eu-west-1.localhost:4566/"),
        ("http://[::1]:80", "http://abc.lambda-url.eu-west-1.localhost:80/"),
        ("https://localhost", "https://abc.lambda-url.eu-west-1.localhost/"),
        ("http://lambda.us-east-1.localhost:9", "http://abc.lambda-url.eu-west-1.localhost:9/"),
        ("https://lambda.eu-west-1.amazonaws.com", "https://abc.lambda-url.eu-west-1.on.aws/"),
        ("http://lambent:4566", "http://lambent:4566/_lambent/url/abc/"),
        ("http://192.0.2.7:4566", "http://192.0.2.7:4566/_lambent/url/abc/"),
    ],
)
def test_a_url_is_given_in_a_form_that_the_client_can_reach(endpoint: str, expected: str) -> None:
    assert public(endpoint, "abc", "eu-west-1") == expected
