"""What a person may choose about their messages: the order of channels, and what they read in the inbox only."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from domain.contracts import Channel
from domain.errors import Refusal
from domain.notices import HEADINGS, OPTIONAL, NoticeKind, heading

CHANNEL_NAMES = {Channel.MAIL: "thư điện tử", Channel.ZALO: "Zalo"}
CHOICES = tuple(kind for kind in NoticeKind if kind in OPTIONAL)
"""The kinds that may be muted, in the order in which they are shown."""


def reachable_channels(channels: Sequence[str], email: str, phone: str) -> tuple[str, ...]:
    """The registry's channels that have an address, in its order."""
    return tuple(channel for channel in channels if (email if channel == Channel.MAIL else phone))


def effective_channels(channels: Sequence[str], preferred: Sequence[str]) -> tuple[str, ...]:
    """The channels to try, in order. `channels` are the registry's that have an address, `preferred` the person's own.

    What a person left out is not tried; where nothing they chose is left, the registry's order holds, so that nobody
    falls silent because the registry has changed since.
    """
    chosen = tuple(dict.fromkeys(channel for channel in preferred if channel in channels))
    return chosen or tuple(channels)


def check_order(available: Sequence[str], wanted: Sequence[str]) -> tuple[str, ...]:
    """The order as it is kept: empty where it is the registry's own. Raises `Refusal`.

    `available` are the channels through which the person can be reached, in the registry's order.
    """
    for channel in wanted:
        if channel not in available:
            raise Refusal(
                "channel-unusable",
                f"Bạn chưa có địa chỉ nhận qua kênh “{channel[:20]}”; hãy chọn kênh khác, hoặc đề nghị quản trị hệ "
                "thống bổ sung địa chỉ vào danh bạ.",
            )
    if len(set(wanted)) < len(wanted):
        raise Refusal("channel-twice", "Một kênh được chọn hai lần; hãy chọn mỗi kênh một lần.")
    if available and not wanted:
        raise Refusal("channel-missing", "Phải giữ ít nhất một kênh để nhận thông báo; hãy chọn một kênh.")
    return () if tuple(wanted) == tuple(available) else tuple(wanted)


def check_muted(kinds: Iterable[str]) -> tuple[str, ...]:
    """The kinds kept out of messages, each once, in one order. Raises `Refusal` for those that are a duty to tell."""
    wanted = set(kinds)
    for name in sorted(wanted):
        if name not in HEADINGS:
            raise Refusal("kind-unknown", f"Không có loại thông báo “{name[:40]}”; hãy chọn trong danh sách.")
        if name not in OPTIONAL:
            raise Refusal(
                "kind-required",
                f"Không tắt được “{kind_words(NoticeKind(name))}”: giao việc, thời hạn, quá hạn và quyết định luôn "
                "được gửi; hãy bỏ loại này khỏi danh sách tắt.",
            )
    return tuple(kind.value for kind in CHOICES if kind in wanted)


def kind_words(kind: NoticeKind) -> str:
    """The heading of a kind, for a list of kinds."""
    return heading(kind, "")
