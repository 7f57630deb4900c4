from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from unit.services.logs.world import World


async def test_a_term_with_the_wrong_characters_is_named(world: World) -> None:
    assert await world.refused("TestMetricFilter", filterPattern="a@b", logEventMessages=["x"]) == (
        "InvalidParameterException",
        "Invalid character(s) in term 'a@b'",
    )


async def test_messages_that_match_are_told_with_their_fields(world: World) -> None:
    answer = await world.call(
        "TestMetricFilter", filterPattern="[status=4*, bytes]", logEventMessages=["200 1", "404 2"]
    )
    assert answer["matches"] == [
        {"eventNumber": 2, "eventMessage": "404 2", "extractedValues": {"$status": "404", "$bytes": "2"}}
    ]
