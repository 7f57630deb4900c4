from __future__ import annotations

import base64
from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlsplit

import pytest

from lambent.errors import AwsError
from lambent.services.lambda_ import repository
from lambent.services.lambda_.record import Code, FunctionKey
from unit.services.lambda_.world import ACCOUNT, RECORD, REGION, World

if TYPE_CHECKING:
    from lambent.store import Tx


def insert_all(tx: Tx, names: list[str], account: str = ACCOUNT, region: str = REGION) -> None:
    for name in names:
        repository.insert(tx, replace(RECORD, key=FunctionKey(account, region, name)))


async def walked(world: World, **params: object) -> list[list[str]]:
    """The names of each page."""
    pages: list[list[str]] = []
    marker: dict[str, str] = {}
    while True:
        answer = await world.call("ListFunctions", **params, **marker)
        pages.append([function["FunctionName"] for function in answer["Functions"]])
        if "NextMarker" not in answer:
            return pages
        marker = {"Marker": answer["NextMarker"]}


@pytest.mark.parametrize("marker", ["not base64!", "YQ", "é", base64.b64encode(b"\xff").decode()])
async def test_a_marker_that_nobody_gave_out_is_refused(world: World, marker: str) -> None:
    with pytest.raises(AwsError, match="Invalid marker") as refusal:
        await world.call("ListFunctions", Marker=marker)
    assert refusal.value.code == "InvalidParameterValueException"


@pytest.mark.parametrize("operation", ["GetFunction", "GetFunctionConfiguration"])
@pytest.mark.parametrize(
    ("qualifier", "named"), [({}, ""), ({"Qualifier": "$LATEST"}, ":$LATEST"), ({"Qualifier": "7"}, ":7")]
)
async def test_what_is_not_there_is_named_as_it_was_addressed(
    world: World, operation: str, qualifier: dict[str, str], named: str
) -> None:
    with pytest.raises(AwsError) as refusal:
        await world.call(operation, FunctionName="gone", **qualifier)
    assert refusal.value.message == f"Function not found: arn:aws:lambda:{REGION}:{ACCOUNT}:function:gone{named}"


@pytest.mark.parametrize(
    ("count", "size", "pages"),
    [
        (0, None, [0]),
        (3, 1, [1, 1, 1]),
        (50, None, [50]),
        (120, None, [50, 50, 20]),
        (120, 60, [50, 50, 20]),
        (4, 2, [2, 2]),
    ],
)
async def test_pages_come_to_all_functions_by_name(
    world: World, count: int, size: int | None, pages: list[int]
) -> None:
    names = sorted(f"f{number}" for number in range(count))
    await world.store.write(lambda tx: insert_all(tx, names[::-1]))
    await world.store.write(lambda tx: insert_all(tx, ["other"], account="222222222222"))
    await world.store.write(lambda tx: insert_all(tx, ["other"], region="us-east-1"))
    found = await walked(world, **({} if size is None else {"MaxItems": size}))
    assert [len(page) for page in found] == pages
    assert [name for page in found for name in page] == names


async def test_a_page_goes_on_behind_a_function_that_was_deleted_meanwhile(world: World) -> None:
    await world.store.write(lambda tx: insert_all(tx, ["a", "b", "c"]))
    first = await world.call("ListFunctions", MaxItems=1)
    await world.call("DeleteFunction", FunctionName="a")
    second = await world.call("ListFunctions", MaxItems=1, Marker=first["NextMarker"])
    assert [function["FunctionName"] for function in second["Functions"]] == ["b"]


async def test_lists_of_all_versions_carry_the_version(world: World) -> None:
    await world.store.write(lambda tx: insert_all(tx, ["a"]))
    (plain,) = (await world.call("ListFunctions"))["Functions"]
    (versioned,) = (await world.call("ListFunctions", FunctionVersion="ALL"))["Functions"]
    assert plain["FunctionArn"] + ":$LATEST" == versioned["FunctionArn"]


@pytest.mark.parametrize(("region", "count"), [("ALL", 1), (REGION, 1), ("us-east-1", 0)])
async def test_functions_at_the_edge_are_looked_for_in_their_home(world: World, region: str, count: int) -> None:
    await world.store.write(lambda tx: insert_all(tx, ["a"]))
    assert len((await world.call("ListFunctions", MasterRegion=region))["Functions"]) == count


async def test_a_link_to_the_code_is_signed_for_the_code_that_is_there_now(world: World) -> None:
    await world.create()
    link = urlsplit((await world.call("GetFunction", FunctionName="f"))["Code"]["Location"])
    blob = link.path.rpartition("/")[2]
    assert world.code_urls.allows(blob, dict(parse_qsl(link.query)))
    assert await world.store.blobs.get(blob) is not None


async def test_an_account_is_told_its_limits_and_what_it_uses(world: World) -> None:
    await world.store.write(lambda tx: repository.insert(tx, replace(RECORD, code=Code("0" * 64, "", 40))))
    await world.store.write(lambda tx: repository.insert(tx, replace(RECORD, key=RECORD.key._replace(name="g"))))
    answer = await world.call("GetAccountSettings")
    assert answer["AccountUsage"] == {"TotalCodeSize": 47, "FunctionCount": 2}
    assert answer["AccountLimit"]["ConcurrentExecutions"] == 120
