from __future__ import annotations

from typing import TYPE_CHECKING, Any

from unit.services.sns.world import ACCOUNT

if TYPE_CHECKING:
    from unit.services.sns.world import World

APPLICATION = f"arn:aws:sns:us-east-1:{ACCOUNT}:app/GCM/app"
CREATE: dict[str, Any] = {"Name": "app", "Platform": "GCM", "Attributes": {"PlatformCredential": "secret"}}


async def test_what_is_not_there_is_not_found(world: World) -> None:
    for operation, params in [
        ("GetPlatformApplicationAttributes", {"PlatformApplicationArn": APPLICATION}),
        ("CreatePlatformEndpoint", {"PlatformApplicationArn": APPLICATION, "Token": "t"}),
        ("GetEndpointAttributes", {"EndpointArn": "arn:x"}),
    ]:
        assert (await world.refusal(operation, **params))[0] == "NotFound"


async def test_applications_and_their_endpoints_are_kept_without_showing_secrets(world: World) -> None:
    assert (await world.call("CreatePlatformApplication", **CREATE))["PlatformApplicationArn"] == APPLICATION
    (listed,) = (await world.call("ListPlatformApplications"))["PlatformApplications"]
    assert listed == {"PlatformApplicationArn": APPLICATION, "Attributes": {"Enabled": "true"}}
    wanted: dict[str, Any] = {"PlatformApplicationArn": APPLICATION, "Token": "t", "CustomUserData": "me"}
    endpoint = (await world.call("CreatePlatformEndpoint", **wanted))["EndpointArn"]
    assert (await world.call("CreatePlatformEndpoint", **wanted))["EndpointArn"] == endpoint
    assert (await world.refusal("CreatePlatformEndpoint", **(wanted | {"CustomUserData": "you"})))[0] == (
        "InvalidParameter"
    )
    shown = (await world.call("GetEndpointAttributes", EndpointArn=endpoint))["Attributes"]
    assert shown == {"Enabled": "true", "Token": "t", "CustomUserData": "me"}
    other = (await world.call("CreatePlatformEndpoint", **(wanted | {"Token": "u"})))["EndpointArn"]
    taken = await world.refusal("SetEndpointAttributes", EndpointArn=other, Attributes={"Token": "t"})
    assert taken[0] == "InvalidParameter"


async def test_what_goes_to_an_endpoint_is_kept(world: World) -> None:
    await world.call("CreatePlatformApplication", **CREATE)
    wanted: dict[str, Any] = {"PlatformApplicationArn": APPLICATION, "Token": "t"}
    endpoint = (await world.call("CreatePlatformEndpoint", **wanted))["EndpointArn"]
    await world.call("Publish", TargetArn=endpoint, Message="direct")
    topic = await world.topic()
    await world.subscribe(topic, endpoint, "application")
    await world.publish(topic, "by topic")
    assert [(one["endpoint"], one["body"]) for one in await world.sent()] == [
        (endpoint, "direct"),
        (endpoint, "by topic"),
    ]
    await world.call("SetEndpointAttributes", EndpointArn=endpoint, Attributes={"Enabled": "false"})
    refusal = await world.refusal("Publish", TargetArn=endpoint, Message="m")
    assert refusal == ("EndpointDisabled", "Endpoint is disabled")
    await world.call("DeletePlatformApplication", PlatformApplicationArn=APPLICATION)
    assert (await world.refusal("Publish", TargetArn=endpoint, Message="m"))[0] == "InvalidParameter"


async def test_settings_of_text_messages_are_kept_or_refused(world: World) -> None:
    for name, value, code in [
        ("DefaultSMSType", "Loud", "InvalidParameter"),
        ("Fake", "x", "InvalidParameter"),
        ("MonthlySpendLimit", "1", "NotImplementedException"),
    ]:
        assert (await world.refusal("SetSMSAttributes", attributes={name: value}))[0] == code
    await world.call("SetSMSAttributes", attributes={"DefaultSMSType": "Promotional", "DefaultSenderID": "me"})
    asked = await world.call("GetSMSAttributes", attributes=["DefaultSMSType"])
    assert asked["attributes"] == {"DefaultSMSType": "Promotional"}
    assert len((await world.call("GetSMSAttributes"))["attributes"]) == 2


async def test_nobody_has_opted_out(world: World) -> None:
    number = "+4912345678"
    assert (await world.call("CheckIfPhoneNumberIsOptedOut", phoneNumber=number))["isOptedOut"] is False
    assert (await world.call("ListPhoneNumbersOptedOut"))["phoneNumbers"] == []
    assert await world.call("OptInPhoneNumber", phoneNumber=number) == {}
    assert (await world.refusal("OptInPhoneNumber", phoneNumber="me"))[0] == "InvalidParameter"
