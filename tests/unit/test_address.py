import pytest

from lambent.address import is_loopback, url


@pytest.mark.parametrize(
    ("host", "found"),
    [
        ("127.0.0.1", "http://127.0.0.1:4566"),
        ("localhost", "http://localhost:4566"),
        ("0.0.0.0", "http://127.0.0.1:4566"),
        ("::", "http://[::1]:4566"),
        ("fe80::1", "http://[fe80::1]:4566"),
    ],
)
def test_what_listens_is_reached_from_the_same_machine(host: str, found: str) -> None:
    assert url(host, 4566) == found


@pytest.mark.parametrize("host", ["127.0.0.1", "127.9.9.9", "::1", "localhost"])
def test_only_this_machine_reaches_loopback(host: str) -> None:
    assert is_loopback(host)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.0.1", "example.org"])
def test_everything_else_may_be_reached_by_strangers(host: str) -> None:
    assert not is_loopback(host)
