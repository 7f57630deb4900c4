import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambent.call import Call
from lambent.errors import AwsError
from lambent.services.lambda_.names import FunctionName, parse

ACCOUNT = "111111111111"
REGION = "eu-west-1"
CALL = Call(ACCOUNT, REGION, "r", "lambda", "GetFunction", "k", "http://localhost", "127.0.0.1", "", None)
NAMES = st.from_regex(r"\A[a-zA-Z0-9_-]{1,20}\Z").filter(lambda name: name != "function")
QUALIFIERS = st.none() | st.from_regex(r"\A(\$LATEST|[a-zA-Z0-9_-]{1,10})\Z")


@given(name=NAMES, qualifier=QUALIFIERS, inside=st.booleans(), form=st.integers(0, 4))
def test_every_form_of_a_name_means_the_same(name: str, qualifier: str | None, inside: bool, form: int) -> None:
    text = (
        name,
        f"function:{name}",
        f"{ACCOUNT}:function:{name}",
        f"{REGION}:{ACCOUNT}:function:{name}",
        f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{name}",
    )[form]
    if inside and qualifier is not None:
        text, qualifier_beside = f"{text}:{qualifier}", None
    else:
        qualifier_beside = qualifier

    found = parse(CALL, text, qualifier_beside)

    assert found == FunctionName(ACCOUNT, REGION, name, qualifier)


def test_a_function_may_be_called_function() -> None:
    assert parse(CALL, f"arn:aws:lambda:{REGION}:{ACCOUNT}:function").name == "function"


def test_two_qualifiers_must_agree() -> None:
    assert parse(CALL, "f:1", "1").qualifier == "1"
    with pytest.raises(AwsError, match="derived qualifier") as refusal:
        parse(CALL, "f:1", "2")
    assert refusal.value.code == "InvalidParameterValueException"


def test_another_region_is_not_reachable() -> None:
    with pytest.raises(AwsError) as refusal:
        parse(CALL, f"arn:aws:lambda:us-west-2:{ACCOUNT}:function:f")
    assert refusal.value.code == "ResourceNotFoundException"
    assert refusal.value.message == "Functions from 'us-west-2' are not reachable in this region ('eu-west-1')"


def test_another_account_is_denied() -> None:
    with pytest.raises(AwsError, match="lambda:GetFunction on resource: ") as refusal:
        parse(CALL, f"arn:aws:lambda:{REGION}:222222222222:function:f")
    assert (refusal.value.code, refusal.value.status) == ("AccessDeniedException", 403)
