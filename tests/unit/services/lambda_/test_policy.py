from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambent.errors import AwsError
from lambent.services.lambda_.policy import lets_in, new_document, statement

OTHER = "222222222222"
RESOURCE = "arn:aws:lambda:eu-west-1:111111111111:function:f"
LET_IN = {"Effect": "Allow", "Principal": {"AWS": OTHER}, "Action": "lambda:InvokeFunction", "Resource": RESOURCE}


def lets(*statements: dict[str, Any], resource: str = RESOURCE) -> bool:
    return lets_in(new_document(statements), account=OTHER, action="InvokeFunction", resource=resource)


def test_where_there_is_no_policy_nobody_is_let_in() -> None:
    assert not lets_in(None, account=OTHER, action="InvokeFunction", resource=RESOURCE)
    assert not lets()
    assert not lets_in({"Version": "2012-10-17"}, account=OTHER, action="InvokeFunction", resource=RESOURCE)


@pytest.mark.parametrize(
    "change",
    [
        {"Principal": {"AWS": "333333333333"}},
        {"Principal": {"Service": "s3.amazonaws.com"}},
        {"Principal": {"AWS": f"arn:aws:iam::{OTHER}:user/u"}},
        {"Principal": None},
        {"Action": "lambda:InvokeFunctionUrl"},
        {"Action": "lambda:GetFunction"},
        {"Action": []},
        {"Resource": f"{RESOURCE}:1"},
        {"Resource": "*g"},
        {"Resource": "arn:aws:lambda:eu-west-1:111111111111:function:[f]"},
        {"Effect": "Deny"},
        {"Condition": {"StringEquals": {"AWS:SourceAccount": OTHER}}},
    ],
)
def test_a_statement_that_says_something_else_lets_nobody_in(change: dict[str, Any]) -> None:
    assert not lets({**LET_IN, **change})


@pytest.mark.parametrize(
    "change",
    [
        {},
        {"Principal": "*"},
        {"Principal": {"AWS": "*"}},
        {"Principal": {"AWS": ["333333333333", f"arn:aws:iam::{OTHER}:root"]}},
        {"Action": "lambda:*"},
        {"Action": "*"},
        {"Action": ["lambda:GetFunction", "Lambda:invokefunctio?"]},
        {"Resource": "*"},
        {"Resource": ["other", "arn:aws:lambda:*:function:?"]},
    ],
)
def test_a_statement_lets_in_whom_it_names(change: dict[str, Any]) -> None:
    assert lets({**LET_IN, **change})


@given(order=st.permutations([LET_IN, {**LET_IN, "Effect": "Deny", "Condition": {"Bool": {}}}, {**LET_IN, "Sid": "x"}]))
def test_a_denial_wins_wherever_it_stands(order: list[dict[str, Any]]) -> None:
    assert not lets(*order)
    assert lets(*(one for one in order if one["Effect"] == "Allow"))


def test_a_single_statement_needs_no_list() -> None:
    assert lets_in({"Statement": LET_IN}, account=OTHER, action="InvokeFunction", resource=RESOURCE)


@given(text=st.text(min_size=1, max_size=40))
def test_what_is_neither_a_person_nor_a_service_nor_all_is_no_principal(text: str) -> None:
    params = {"StatementId": "s", "Action": "lambda:InvokeFunction", "Principal": text}
    known = text == "*" or (len(text) == 12 and text.isascii() and text.isdigit())
    if known or text.endswith((".amazonaws.com", ".amazonaws.com.cn", ".amazon.com")):
        return
    with pytest.raises(AwsError, match="The provided principal was invalid"):
        statement(params, resource=RESOURCE, region="eu-west-1")
