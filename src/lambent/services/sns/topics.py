"""CreateTopic, DeleteTopic, ListTopics, GetTopicAttributes, SetTopicAttributes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lambent.services.sns import repository, tags
from lambent.services.sns.documents import Malformed
from lambent.services.sns.names import check_name, parse, topic_arn, topic_of
from lambent.services.sns.paging import PAGE, after, cut
from lambent.services.sns.record import Topic
from lambent.services.sns.refusals import invalid, not_built
from lambent.services.sns.topic_attributes import boolean, checked, shown

if TYPE_CHECKING:
    from lambent.call import Call, Output, Params
    from lambent.services.sns.context import Sns
    from lambent.store import Tx

_WHY = "Attributes Reason: "


async def create_topic(service: Sns, call: Call, params: Params) -> Output:
    """Make a topic, or find it: whoever asks again with nothing different gets the same.

    Raises AwsError InvalidParameter, NotImplementedException, TagLimitExceeded.
    """
    if params.get("DataProtectionPolicy"):
        raise not_built("data protection policies of SNS")
    given = dict(params.get("Attributes") or {})
    fifo = _is_fifo(given)
    check_name(params["Name"], fifo=fifo)
    attributes = {name: checked(name, value, fifo=fifo, why=_WHY) for name, value in given.items()}
    attributes = {name: value for name, value in attributes.items() if value != "" or name == "DisplayName"}
    topic = Topic(topic_arn(call.account, call.region, params["Name"]), call.account, call.region, attributes)
    new_tags = tags.by_key(params.get("Tags") or [])

    def work(tx: Tx) -> None:
        existing = repository.topic(tx, topic.arn)
        if existing is None:
            repository.insert_topic(tx, topic)
            tags.put(tx, topic.arn, new_tags)
            return
        found = shown(tx, existing)
        if any(found.get(name) != value for name, value in attributes.items()):
            raise invalid(f"{_WHY}Topic already exists with different attributes")
        if not new_tags.items() <= repository.tags(tx, topic.arn).items():
            raise invalid("Tags Reason: Topic already exists with different tags")

    await service.store.write(work)
    return {"TopicArn": topic.arn}


async def delete_topic(service: Sns, call: Call, params: Params) -> Output:
    """Forget a topic and its subscriptions; one that is not there is no mistake."""
    arn = params["TopicArn"]
    named = parse(arn)

    def work(tx: Tx) -> None:
        if named.account == call.account and named.region == call.region and repository.topic(tx, arn) is None:
            return
        repository.delete_topic(tx, topic_of(tx, service, call, arn, "DeleteTopic").arn)

    await service.store.write(work)
    return {}


async def list_topics(service: Sns, call: Call, params: Params) -> Output:
    """The account's topics in the region by ARN."""
    start = after(params.get("NextToken"))
    found = await service.store.read(
        lambda tx: repository.topics(tx, call.account, call.region, after=start, count=PAGE + 1)
    )
    page, more = cut(found)
    return {"Topics": [{"TopicArn": topic.arn} for topic in page], **more}


async def get_topic_attributes(service: Sns, call: Call, params: Params) -> Output:
    """A topic's attributes. Raises AwsError InvalidParameter, NotFound."""
    attributes = await service.store.read(
        lambda tx: shown(tx, topic_of(tx, service, call, params["TopicArn"], "GetTopicAttributes"))
    )
    return {"Attributes": attributes}


async def set_topic_attributes(service: Sns, call: Call, params: Params) -> Output:
    """Set one attribute; without a value, back to its default. Raises AwsError InvalidParameter, NotFound."""
    name, value = params["AttributeName"], params.get("AttributeValue") or ""

    def work(tx: Tx) -> None:
        topic = topic_of(tx, service, call, params["TopicArn"], "SetTopicAttributes")
        kept = checked(name, value, fifo=topic.is_fifo)
        attributes = {key: old for key, old in topic.attributes.items() if key != name}
        if kept:
            attributes[name] = kept
        repository.set_topic_attributes(tx, topic.arn, attributes)

    await service.store.write(work)
    return {}


def _is_fifo(given: dict[str, str]) -> bool:
    """Whether a FIFO topic is asked for; that is a name's business, so that it is no attribute that is kept."""
    try:
        return boolean(given.pop("FifoTopic", "false")) == "true"
    except Malformed as problem:
        raise invalid(f"{_WHY}FifoTopic: {problem}") from None
