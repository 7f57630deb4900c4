"""Which operation an address means, when several could."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

from hypothesis import given, settings
from hypothesis import strategies as st

from lambent.wire.uris import Candidate, UriTable

if TYPE_CHECKING:
    from collections.abc import Iterable

SEGMENTS = ["a", "b", "functions", None]


def template(segments: list[str | None], end: list[str]) -> str:
    """A path whose None become labels, each with a name of its own."""
    return "/" + "/".join([*(part or f"{{L{at}}}" for at, part in enumerate(segments)), *end])


templates = st.builds(template, st.lists(st.sampled_from(SEGMENTS), max_size=4), st.sampled_from([[], ["{Rest+}"]]))
paths = st.lists(st.sampled_from(["a", "b", "functions", "x", "", "%2F"]), max_size=6).map(
    lambda parts: "/" + "/".join(parts)
)


def candidate(
    operation: str,
    path: str,
    method: str = "GET",
    *,
    queries: Iterable[str] = (),
    headers: Iterable[str] = (),
    deprecated: bool = False,
) -> Candidate:
    path, _, query = path.partition("?")
    constants = {name: values[0] for name, values in parse_qs(query, keep_blank_values=True).items()}
    return Candidate(operation, method, path, constants, frozenset(queries), frozenset(headers), deprecated)


def table(*candidates: Candidate) -> UriTable:
    made = UriTable()
    for one in candidates:
        made.add(one)
    return made


def meant(uris: UriTable, path: str, method: str = "GET", headers: dict[str, str] | None = None) -> str | None:
    path, _, query = path.partition("?")
    found = uris.find(method, path, parse_qs(query, keep_blank_values=True), headers or {})
    return None if found is None else found.candidate.operation


def labels(uris: UriTable, path: str) -> dict[str, str]:
    found = uris.find("GET", path, {}, {})
    assert found is not None
    return found.labels


S3 = table(candidate("Buckets", "/"), candidate("Bucket", "/{Bucket}"), candidate("Object", "/{Bucket}/{Key+}"))


# --- what means nothing ------------------------------------------------------------------------------------------


def test_a_path_that_no_template_has_means_nothing() -> None:
    uris = table(candidate("Get", "/functions/{Name}"))
    assert meant(uris, "/functions") is None
    assert meant(uris, "/functions/a/b") is None
    assert meant(uris, "/other/a") is None


def test_a_label_is_never_empty() -> None:
    assert meant(table(candidate("Get", "/functions/{Name}/policy")), "/functions//policy") is None


def test_a_method_that_the_path_does_not_take_means_nothing() -> None:
    assert meant(S3, "/b/k", "PATCH") is None


def test_a_target_that_is_no_path_means_nothing() -> None:
    for target in ("", "*", "b/k", "http://localhost/b/k"):
        assert meant(S3, target) is None
        assert S3.methods(target) == set()


def test_a_constant_of_the_query_has_to_be_there() -> None:
    uris = table(candidate("ListV2", "/{Bucket}?list-type=2"))
    assert meant(uris, "/b?list-type=2") == "ListV2"
    assert meant(uris, "/b?list-type=1&list-type=2") == "ListV2"
    assert meant(uris, "/b?list-type=3") is None
    assert meant(uris, "/b") is None


# --- paths -------------------------------------------------------------------------------------------------------


def test_what_is_literal_goes_before_labels_and_labels_before_the_rest() -> None:
    uris = table(candidate("Rest", "/{All+}"), candidate("Label", "/{Name}"), candidate("Literal", "/tags"))
    assert meant(uris, "/tags") == "Literal"
    assert meant(uris, "/other") == "Label"
    assert meant(uris, "/tags/x") == "Rest"


def test_a_literal_that_leads_nowhere_gives_way_to_a_label() -> None:
    uris = table(candidate("Import", "/keys/import"), candidate("Tags", "/{Name}/tags"))
    assert meant(uris, "/keys/tags") == "Tags"
    assert labels(uris, "/keys/tags") == {"Name": "keys"}


def test_a_literal_that_takes_other_methods_gives_way_to_a_label() -> None:
    uris = table(candidate("Make", "/keys", "POST"), candidate("Get", "/{Name}"))
    assert meant(uris, "/keys") == "Get"
    assert meant(uris, "/keys", "POST") == "Make"


def test_a_slash_at_the_end_changes_nothing_unless_a_key_can_have_it() -> None:
    assert meant(S3, "/b/") == "Bucket"
    assert labels(S3, "/b/k/") == {"Bucket": "b", "Key": "k/"}


def test_labels_stay_as_they_were_sent() -> None:
    uris = table(candidate("Get", "/functions/{Name}/{Qualifier}"))
    assert labels(uris, "/functions/a%2Fb/%24LATEST") == {"Name": "a%2Fb", "Qualifier": "%24LATEST"}


def test_a_key_keeps_every_slash() -> None:
    for key in ("/", "/a", "a//b", "a/../b", "//"):
        assert labels(S3, f"/bucket/{key}") == {"Bucket": "bucket", "Key": key}


def test_the_same_place_may_have_other_labels_for_other_operations() -> None:
    uris = table(candidate("Get", "/{Name}"), candidate("Drop", "/{Id}", "DELETE"))
    assert labels(uris, "/x") == {"Name": "x"}
    found = uris.find("DELETE", "/x", {}, {})
    assert found is not None
    assert found.labels == {"Id": "x"}


def test_a_very_long_path_is_no_effort() -> None:
    assert labels(S3, "/b" + "/k" * 1_000_000)["Key"] == "k" + "/k" * 999_999
    assert meant(table(candidate("Get", "/{A}/{B}/{C}")), "/x" * 1_000_000) is None


# --- methods -----------------------------------------------------------------------------------------------------


def test_head_is_a_get_without_its_body_unless_it_is_an_operation() -> None:
    assert meant(S3, "/b/k", "HEAD") == "Object"
    uris = table(candidate("Object", "/{Key+}"), candidate("HeadObject", "/{Key+}", "HEAD"))
    assert meant(uris, "/k", "HEAD") == "HeadObject"


def test_the_methods_of_a_path_are_those_of_all_that_it_can_mean() -> None:
    uris = table(candidate("Make", "/keys", "POST"), candidate("Get", "/{Name}"), candidate("Put", "/{All+}", "PUT"))
    assert uris.methods("/keys") == {"POST", "GET", "PUT"}
    assert uris.methods("/x/y") == {"PUT"}


# --- one place, several operations -------------------------------------------------------------------------------


def test_the_most_demanding_operation_that_a_request_satisfies_is_meant() -> None:
    uris = table(
        candidate("Put", "/{Key+}", "PUT"),
        candidate("Copy", "/{Key+}", "PUT", headers=["x-amz-copy-source"]),
        candidate("Part", "/{Key+}", "PUT", queries=["partNumber", "uploadId"]),
        candidate("PartCopy", "/{Key+}", "PUT", queries=["partNumber", "uploadId"], headers=["x-amz-copy-source"]),
        candidate("Tagging", "/{Key+}?tagging", "PUT"),
    )
    source = {"x-amz-copy-source": "b/k"}
    assert meant(uris, "/k", "PUT") == "Put"
    assert meant(uris, "/k", "PUT", source) == "Copy"
    assert meant(uris, "/k?partNumber=1&uploadId=u", "PUT") == "Part"
    assert meant(uris, "/k?partNumber=1&uploadId=u", "PUT", source) == "PartCopy"
    assert meant(uris, "/k?tagging", "PUT", source) == "Tagging"
    assert meant(uris, "/k?partNumber=1", "PUT") == "Put"


def test_where_nothing_is_satisfied_the_least_demanding_operation_tells_what_is_missing() -> None:
    uris = table(candidate("Much", "/x", queries=["a", "b"]), candidate("Little", "/x", queries=["a"]))
    assert meant(uris, "/x") == "Little"


def test_of_two_at_one_address_the_newer_is_meant_in_either_order() -> None:
    old, new = candidate("Old", "/{Bucket}?lifecycle", deprecated=True), candidate("New", "/{Bucket}?lifecycle")
    assert meant(table(old, new), "/b?lifecycle") == "New"
    assert meant(table(new, old), "/b?lifecycle") == "New"


# --- all together ------------------------------------------------------------------------------------------------


@settings(deadline=None)
@given(st.lists(templates, min_size=1, max_size=8, unique=True), paths)
def test_a_path_is_found_when_a_template_matches_and_labels_put_it_together_again(uris: list[str], path: str) -> None:
    found = table(*(candidate(one, one) for one in uris)).find("GET", path, {}, {})
    matching = {one for one in uris if re.fullmatch(expression(one), path)}
    if found is None:
        assert not matching
        return
    assert found.candidate.path in matching
    filled = re.sub(r"{(\w+)\+?}", lambda label: found.labels[label[1]], found.candidate.path)
    assert filled.rstrip("/") == path.rstrip("/")


def expression(uri: str) -> str:
    """The template as a regular expression; a slash at the end is optional."""
    parts = [
        ".+" if part.endswith("+}") else "[^/]+" if part.startswith("{") else re.escape(part)
        for part in uri.strip("/").split("/")
        if part
    ]
    return "/" + "/".join(parts) + ("/?" if parts else "")
