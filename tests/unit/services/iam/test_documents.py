from __future__ import annotations

import json
from typing import Any
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambent.errors import AwsError
from lambent.services.iam import managed
from lambent.services.iam.documents import check, encoded, size
from lambent.services.iam.trust import check_trust

GOOD: dict[str, Any] = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}
TRUSTED: dict[str, Any] = {
    "Effect": "Allow",
    "Action": "sts:AssumeRole",
    "Principal": {"Service": "lambda.amazonaws.com"},
}
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
NAMES = st.sampled_from(
    "Version Id Statement Sid Effect Principal NotPrincipal Action NotAction Resource NotResource Condition".split()
)
ALMOST = st.dictionaries(
    NAMES,
    JSON
    | st.sampled_from(["Allow", "2012-10-17", "sts:AssumeRole", "*", "arn:aws:s3:::b"])
    | st.lists(st.dictionaries(NAMES, JSON | st.sampled_from(["Allow", "sts:x", "*", {"AWS": "*"}])), max_size=2),
)


def policy(*statements: Any, **more: Any) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)} | more)


def but(good: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """A statement with changes; None leaves something out."""
    return {name: value for name, value in (good | changes).items() if value is not None}


@pytest.mark.parametrize(
    ("document", "words"),
    [
        ("", "Syntax errors in policy."),
        ("{", "Syntax errors in policy."),
        ("[" * 100_000, "Syntax errors in policy."),
        ("[]", "Syntax errors in policy."),
        ("{}", "Syntax errors in policy."),
        (policy(), "Syntax errors in policy."),
        (policy("x"), "Syntax errors in policy."),
        (policy(GOOD, Comment="c"), "Syntax errors in policy."),
        (policy(GOOD, Version="2011-01-01"), "Syntax errors in policy."),
        (policy(GOOD, Id=1), "Syntax errors in policy."),
        (policy(but(GOOD, Effect=None)), "Syntax errors in policy."),
        (policy(but(GOOD, Effect="Perhaps")), "Syntax errors in policy."),
        (policy(but(GOOD, Sid=1)), "Syntax errors in policy."),
        (policy(but(GOOD, NotAction="s3:*")), "Syntax errors in policy."),
        (policy(but(GOOD, NotResource="*")), "Syntax errors in policy."),
        (policy(but(GOOD, Action=[1])), "Syntax errors in policy."),
        (policy(but(GOOD, Resource={})), "Syntax errors in policy."),
        (policy(but(GOOD, Condition={"Equals": {"a": "b"}})), "Syntax errors in policy."),
        (policy(but(GOOD, Condition={"StringEquals": {"a": {}}})), "Syntax errors in policy."),
        (policy(but(GOOD, Condition={"StringEquals": "a"})), "Syntax errors in policy."),
        (policy(but(GOOD, Principal="*")), "Policy document should not specify a principal."),
        (json.dumps({"Statement": GOOD}), "Policy document must be version 2012-10-17 or greater."),
        (policy(GOOD, Version="2008-10-17"), "Policy document must be version 2012-10-17 or greater."),
        (policy(but(GOOD, Effect="allow")), "The policy failed legacy parsing"),
        (policy(but(GOOD, Resource="arn:aws:s3::b")), "The policy failed legacy parsing"),
        (policy(but(GOOD, Sid="a"), but(GOOD, Sid="a")), "Statement IDs (SID) in a single policy must be unique."),
        (policy(but(GOOD, Sid="a b")), "Statement IDs (SID) must be alpha-numeric."),
        (policy(but(GOOD, Action=None)), "Policy statement must contain actions."),
        (policy(but(GOOD, Action=[])), "Policy statement must contain actions."),
        (policy(but(GOOD, Resource=None)), "Policy statement must contain resources."),
        (policy(but(GOOD, Resource=[])), "Policy statement must contain resources."),
        (policy(but(GOOD, Resource="bucket")), 'Resource bucket must be in ARN format or "*".'),
        (policy(but(GOOD, Resource="arn:azure:s3:::b")), 'Partition "azure" is not valid for resource "arn:azure'),
        (policy(but(GOOD, Resource="arn:aws")), "Resource vendor must be fully qualified and cannot contain regexes."),
        (
            policy(but(GOOD, Resource="arn:aws:iam:us-east-1:1:role/r")),
            "IAM resource arn:aws:iam:us-east-1:1:role/r cannot contain region information.",
        ),
        (
            policy(but(GOOD, Action="GetObject")),
            "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.",
        ),
        (policy(but(GOOD, Action="s3:Get:Object")), "Actions/Condition can contain only one colon."),
        (policy(but(GOOD, Action="s 3:GetObject")), "Vendor s 3 is not valid"),
    ],
)
def test_what_is_no_policy_is_refused_in_the_words_of_aws(document: str, words: str) -> None:
    with pytest.raises(AwsError) as refusal:
        check(document)
    assert (refusal.value.code, refusal.value.status) == ("MalformedPolicyDocument", 400)
    assert refusal.value.message is not None
    assert refusal.value.message.startswith(words)


@pytest.mark.parametrize(
    "statement",
    [
        GOOD,
        but(GOOD, Sid=""),
        but(GOOD, Action="*", Effect="Deny"),
        but(GOOD, Action=["s3:*", "logs:Put*"], Resource=["arn:aws:s3:::b/*", "arn:aws:logs:*:*:*", "*"]),
        but(GOOD, Action=None, NotAction="iam:*", Resource=None, NotResource="arn:aws:iam::1:role/r"),
        but(GOOD, Resource="arn:aws-cn:lambda:cn-north-1:123456789012:function:f:*"),
        but(GOOD, Condition={"ForAllValues:StringLikeIfExists": {"aws:TagKeys": ["a", "b"]}, "Null": {"k": "true"}}),
        but(GOOD, Condition={"Bool": {"aws:SecureTransport": False}, "NumericLessThanEquals": {"k": [1, 2]}}),
        but(GOOD, Condition={"ArnNotLike": {"k": "arn"}, "NotIpAddress": {"k": "10.0.0.0/8"}, "DateGreaterThan": {}}),
    ],
)
def test_what_aws_accepts_is_accepted(statement: dict[str, Any]) -> None:
    check(policy(statement))
    check(json.dumps({"Version": "2012-10-17", "Id": "i", "Statement": statement}))


@pytest.mark.parametrize(
    ("document", "words"),
    [
        ("", "This policy contains invalid Json"),
        ("{{", "This policy contains invalid Json"),
        ('"x"', "This policy contains invalid Json"),
        (policy(TRUSTED, Comment="c"), "Unknown field Comment"),
        (policy(TRUSTED, Version="2012"), "The policy must contain a valid version string"),
        (policy(), "Could not parse the policy: Statement is empty!"),
        (policy("x"), "Syntax error in policy."),
        (policy(but(TRUSTED, Effect=None)), "Missing required field Effect"),
        (policy(but(TRUSTED, Effect="allow")), "Invalid effect: allow"),
        (policy(but(TRUSTED, Effect=["Allow"])), "Invalid effect: ['Allow']"),
        (policy(but(TRUSTED, Principal=None)), "Missing required field Principal"),
        (policy(but(TRUSTED, Principal={})), "Missing required field Principal cannot be empty!"),
        (policy(but(TRUSTED, Principal="*")), 'AssumeRolepolicy contained an invalid principal: "STAR":"*".'),
        (policy(but(TRUSTED, Principal="x")), "Principal must be a JSON object."),
        (policy(but(TRUSTED, Principal={"Who": "x"})), 'Invalid principal in policy: "Who"'),
        (policy(but(TRUSTED, Principal={"AWS": "me"})), 'Invalid principal in policy: "AWS":"me"'),
        (policy(but(TRUSTED, Principal={"Service": "lambda"})), 'Invalid principal in policy: "SERVICE":"lambda"'),
        (policy(but(TRUSTED, Principal={"AWS": [1]})), "Syntax error in policy."),
        (policy(but(TRUSTED, NotPrincipal={"AWS": "*"})), "Allow with NotPrincipal is not allowed."),
        (
            policy(but(TRUSTED, Effect="Deny", NotPrincipal={"AWS": "*"})),
            "AssumeRole policy must not contain NotPrincipal field.",
        ),
        (policy(but(TRUSTED, Action=None)), "Missing required field Action"),
        (policy(but(TRUSTED, Action=[])), "Missing required field Action"),
        (policy(but(TRUSTED, Action=[{}])), "Syntax error in policy."),
        (policy(but(TRUSTED, Action="s3:Get")), "AssumeRole policy may only specify STS AssumeRole actions."),
        (policy(but(TRUSTED, Action="*")), "AssumeRole policy may only specify STS AssumeRole actions."),
        (policy(but(TRUSTED, Resource="*")), "Has prohibited field Resource"),
        (policy(but(TRUSTED, NotResource="*")), "AssumeRole policy must not contain resources."),
        (policy(but(TRUSTED, Condition=[])), "Syntax error in policy."),
        (policy(but(TRUSTED, Sid="a"), but(TRUSTED, Sid="a")), "The Statement Ids in the policy are not unique"),
    ],
)
def test_what_is_no_trust_policy_is_refused_in_the_words_of_aws(document: str, words: str) -> None:
    with pytest.raises(AwsError) as refusal:
        check_trust(document)
    assert (refusal.value.code, refusal.value.message) == ("MalformedPolicyDocument", words)


@pytest.mark.parametrize(
    "principal",
    [
        {"Service": ["lambda.amazonaws.com", "edgelambda.amazonaws.com"]},
        {"AWS": "*"},
        {"AWS": ["123456789012", "arn:aws:iam::123456789012:root", "AROAQAAAAAAAAAAAAAAAA"]},
        {"AWS": "arn:aws-cn:sts::123456789012:assumed-role/r/s"},
        {"Federated": "cognito-identity.amazonaws.com"},
    ],
)
def test_every_form_of_a_principal_is_accepted(principal: dict[str, Any]) -> None:
    check_trust(policy(but(TRUSTED, Principal=principal)))
    check_trust(json.dumps({"Statement": but(TRUSTED, Principal=principal)}))


@given(st.text() | JSON.map(json.dumps) | ALMOST.map(json.dumps))
def test_whatever_is_sent_is_accepted_or_refused(document: str) -> None:
    for checked in (check, check_trust):
        try:
            checked(document)
        except AwsError as refusal:
            assert refusal.code == "MalformedPolicyDocument"  # noqa: PT017  either is fine, but nothing else


@given(st.text())
def test_what_clients_decode_is_what_was_sent(document: str) -> None:
    told = encoded(document)
    assert unquote(told) == document
    assert told.isascii()
    assert not set(told) & set(" +*/\"'")


@given(st.text(alphabet="ab \n\t"), st.text(alphabet=" \n\t\r", max_size=5))
def test_white_space_does_not_count(document: str, space: str) -> None:
    assert size(space + document + space) == size(document) <= len(document)


def test_the_policies_of_aws_are_what_is_accepted_here() -> None:
    policies = managed.everything()
    assert len({one.id for one in policies}) == len(policies) > 100
    for one in policies:
        check(managed.version(one).document)
