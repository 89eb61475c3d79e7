"""What can become of one message, whatever the channel."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Sent:
    """The server has taken responsibility for it; `provider_id` is the server's word."""

    provider_id: str = ""


@dataclass(frozen=True)
class Later:
    """Not now, but the same again in `seconds` of business time."""

    code: str
    error: str
    seconds: float


@dataclass(frozen=True)
class Refused:
    """No retry mends it. `mark_contact`: this person is not reached so; `stop_channel`: nobody is, until mended."""

    code: str
    error: str
    mark_contact: bool = False
    stop_channel: bool = False


Outcome = Sent | Later | Refused


class ChannelDown(Exception):
    """The server as a whole does not work just now; everything unsent is tried again, without end."""


class HungUp(ChannelDown):
    """It vanished with a message in hand: perhaps it is down, perhaps this message is what it cannot stand."""


class BadAddress(Exception):
    """What the registry holds is no address, so no message can be made for it."""
