"""What each answer of a mail server means for the message it answers.

Sources: RFC 5321 §4.2 (the first digit decides what no list names), RFC 3463, RFC 1870, RFC 4954.
"""

from __future__ import annotations

from dataclasses import replace

from activities.outcomes import Later, Outcome, Refused

RETRY_RECIPIENT_SECONDS = 15 * 60
HANGS_UP = 421
OUT_OF_STEP = 503
"""Bad sequence of commands: the session is out of step, whatever message meets it."""
LOGIN_WANTED = frozenset({530, 534, 535, 538})
STORAGE, TOO_LARGE = 452, 552


class NotTaken(Exception):
    """A server has certainly not taken the message, for a reason of its own, so that another one may be tried.

    `rests`: it takes no message just now; `hung`: it left; `out_of_step`: this session is spoiled and nothing else;
    `alone`: what becomes of the message where no other server is left, if that is not the end of the attempt.
    """

    def __init__(
        self,
        reason: str,
        *,
        rests: bool = False,
        hung: bool = False,
        out_of_step: bool = False,
        alone: Later | None = None,
    ) -> None:
        super().__init__(reason)
        self.rests, self.hung, self.out_of_step, self.alone = rests, hung, out_of_step, alone


def to_recipient(code: int, message: str) -> Outcome:
    """An answer to the recipient. A full box (X.2.2) or a policy (X.7.x) does not make an address a wrong one."""
    outcome = to_message(code, message)
    wrong = code in {550, 551, 553} and not message.startswith(("5.2.", "5.7."))
    return replace(outcome, mark_contact=True) if wrong and isinstance(outcome, Refused) else outcome


def to_sender(code: int, message: str) -> Outcome:
    """An answer to our own address, which is the same in every message: no fault of this one, but for its size."""
    if code == TOO_LARGE or message.startswith("5.3.4"):
        return to_message(code, message)
    if code == STORAGE or message.startswith("4.3.4"):  # RFC 1870 §6.1: perhaps only for one so large
        raise NotTaken(f"{code} {message}", alone=Later(str(code), message, RETRY_RECIPIENT_SECONDS))
    if code == HANGS_UP or not 400 <= code < 600:
        raise NotTaken(f"{code} {message}", hung=True)
    raise NotTaken(f"{code} {message}", rests=True, out_of_step=code == OUT_OF_STEP)


def to_message(code: int, message: str) -> Outcome:
    """An answer to the message. Raises `NotTaken` for what is the server's own trouble, or no answer at all."""
    later = Later(str(code), message, RETRY_RECIPIENT_SECONDS)
    if code == OUT_OF_STEP:
        raise NotTaken(f"{code} {message}", out_of_step=True, alone=later)
    if code == HANGS_UP or not 400 <= code < 600:
        raise NotTaken(f"{code} {message}", hung=True)
    if code in LOGIN_WANTED:
        raise NotTaken(f"{code} {message}", rests=True)
    return later if code < 500 else Refused(str(code), message)
