"""What may be chosen: some channel always stays, and duties are always told."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import Refusal
from domain.notices import OPTIONAL, NoticeKind
from domain.preferences import CHOICES, check_muted, check_order, effective_channels, reachable_channels

BOTH = ("zalo", "mail")
ORDERS = st.lists(st.sampled_from(["mail", "zalo", "fax"]), max_size=4)


@pytest.mark.parametrize(
    ("channels", "preferred", "effective"),
    [
        (BOTH, (), BOTH),
        (BOTH, ("mail", "zalo"), ("mail", "zalo")),
        (BOTH, ("mail",), ("mail",)),
        # The registry has taken Zalo away since: what is left of the choice holds, and where nothing is, the registry.
        (("mail",), ("zalo", "mail"), ("mail",)),
        (("mail",), ("zalo",), ("mail",)),
        ((), ("mail",), ()),
    ],
)
def test_the_order_that_works(
    channels: tuple[str, ...], preferred: tuple[str, ...], effective: tuple[str, ...]
) -> None:
    assert effective_channels(channels, preferred) == effective


@given(st.permutations(["mail", "zalo"]).flatmap(lambda c: st.sampled_from([c, c[:1], []])), ORDERS)
def test_nobody_with_an_address_falls_silent(channels: list[str], preferred: list[str]) -> None:
    found = effective_channels(channels, preferred)
    assert set(found) <= set(channels)
    assert len(set(found)) == len(found)
    assert bool(found) == bool(channels)


def test_a_channel_without_an_address_reaches_nobody() -> None:
    assert reachable_channels(BOTH, "a@thu.example", "") == ("mail",)
    assert reachable_channels(BOTH, "", "84900000001") == ("zalo",)
    assert reachable_channels(("mail",), "a@thu.example", "84900000001") == ("mail",)


def test_the_registrys_own_order_is_kept_as_no_choice() -> None:
    assert check_order(BOTH, BOTH) == ()
    assert check_order(BOTH, ("mail", "zalo")) == ("mail", "zalo")
    assert check_order(BOTH, ("zalo",)) == ("zalo",)
    assert check_order((), ()) == ()


@pytest.mark.parametrize(
    ("available", "wanted", "code"),
    [
        (("mail",), ("zalo",), "channel-unusable"),
        (BOTH, ("fax", "mail"), "channel-unusable"),
        ((), ("mail",), "channel-unusable"),
        (BOTH, ("mail", "mail"), "channel-twice"),
        (BOTH, (), "channel-missing"),
    ],
)
def test_orders_that_cannot_be(available: tuple[str, ...], wanted: tuple[str, ...], code: str) -> None:
    with pytest.raises(Refusal) as refused:
        check_order(available, wanted)
    assert refused.value.code == code


@pytest.mark.parametrize("kind", NoticeKind)
def test_only_what_is_no_duty_can_be_muted(kind: NoticeKind) -> None:
    if kind in OPTIONAL:
        assert check_muted([kind.value, kind.value]) == (kind.value,)
        return
    with pytest.raises(Refusal) as refused:
        check_muted([kind.value])
    assert refused.value.code == "kind-required"


def test_muted_kinds_have_one_order() -> None:
    assert set(CHOICES) == OPTIONAL
    assert check_muted(reversed([kind.value for kind in CHOICES])) == tuple(kind.value for kind in CHOICES)
    with pytest.raises(Refusal) as refused:
        check_muted(["thu-rac"])
    assert refused.value.code == "kind-unknown"
