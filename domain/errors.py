"""The small error tree. Each refusal has a stable code and a sentence that says what to do; edges translate it once."""

from __future__ import annotations


class DondocError(Exception):
    """Base of all errors of this project.

    `code` is stable and machine-readable (kebab-case), `message` a Vietnamese or English sentence that says what to do.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message


class Refusal(DondocError):
    """The request is understood and cannot be done as asked; the books are unchanged. HTTP 422, exit code 2."""


class NotFound(Refusal):
    """The named thing is not in the books. HTTP 404."""


class Forbidden(Refusal):
    """This person may not see or do this. HTTP 403."""


class Unauthenticated(Refusal):
    """No token, or one that is not valid. HTTP 401."""


class Conflict(Refusal):
    """The books have moved on since: a second activation, another officer was first. HTTP 409."""


class TooLarge(Refusal):
    """More than the limit that is said beforehand. HTTP 413."""


class Unavailable(DondocError):
    """A part is down and nothing was lost; the sentence says which and what to do. HTTP 503, exit code 3."""
