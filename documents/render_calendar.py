"""A person's due days as a calendar that calendar programs subscribe to (RFC 5545)."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from urllib.parse import urlsplit

from icalendar import Calendar, Event, Timezone, TimezoneStandard

from domain.appointments import Appointment, Feed
from domain.deadlines import LATENESS_WORDS
from domain.notices import clean, clip
from domain.workdays import ONE_DAY, VIETNAM, last_day_of

TITLE_LIMIT = 110
"""Characters of a title: what a month's view can show at all, and a telephone in two lines."""
HALF_HOUR = timedelta(minutes=30)
REFRESH = timedelta(hours=4)
_ZONE = "Asia/Ho_Chi_Minh"
_REHEARSAL = "[DIỄN TẬP] "


def render_calendar(feed: Feed, public_url: str) -> bytes:
    """The calendar as UTF-8, the same bytes for the same feed. `public_url` is ours, without a slash at its end."""
    paper = Calendar()
    name = clean(f"{_REHEARSAL if feed.rehearsal else ''}Đôn Đốc: {feed.person_name}")
    paper.add("prodid", "-//Don Doc//Han bao cao//VI")
    paper.add("version", "2.0")
    paper.add("calscale", "GREGORIAN")
    paper.add("method", "PUBLISH")
    paper.add("name", name)
    paper.add("x-wr-calname", name)
    paper.add("x-wr-timezone", _ZONE)
    paper.add("refresh-interval", REFRESH, parameters={"VALUE": "DURATION"})
    paper.add("x-published-ttl", f"PT{REFRESH // timedelta(hours=1)}H")
    paper.add_component(_zone())
    host = urlsplit(public_url).hostname or "dondoc"
    for appointment in feed.appointments:
        paper.add_component(_event(appointment, public_url, host, feed.rehearsal))
    drawn: bytes = paper.to_ical()
    return drawn


def _zone() -> Timezone:
    """Việt Nam's one offset. It stands in an empty calendar too, which must have one component."""
    zone, standard = Timezone(), TimezoneStandard()
    zone.add("tzid", _ZONE)
    standard.add("dtstart", datetime(1975, 6, 13))  # noqa: DTZ001 - local by definition
    standard.add("tzoffsetfrom", timedelta(hours=7))
    standard.add("tzoffsetto", timedelta(hours=7))
    standard.add("tzname", "+07")
    zone.add_component(standard)
    return zone


def _event(a: Appointment, public_url: str, host: str, rehearsal: bool) -> Event:
    event = Event()
    event.add("uid", f"{a.key}@{host}")
    event.add("sequence", a.epoch)
    event.add("dtstamp", a.changed_at.astimezone(UTC).replace(microsecond=0))
    _add_days(event, a.due_at)
    event.add("summary", clip(f"{_REHEARSAL if rehearsal else ''}{a.heading} – {a.title}", TITLE_LIMIT))
    event.add("description", _description(a))
    event.add("url", public_url + a.link)
    event.add("status", a.standing.value)
    event.add("transp", "TRANSPARENT")  # nobody is busy all day because something is due
    return event


def _add_days(event: Event, due_at: datetime) -> None:
    """The last day in time as a whole; where an hour is set, the half hour that ends with it."""
    local = due_at.astimezone(VIETNAM)
    if local.time() == time(0):
        day = last_day_of(due_at)
        event.add("dtstart", day)
        event.add("dtend", day + ONE_DAY)
        return
    for name, at in (("dtstart", local - HALF_HOUR), ("dtend", local)):
        event.add(name, at.replace(tzinfo=None), parameters={"TZID": _ZONE})


def _late_after(a: Appointment) -> str:
    """What "trước ngày X" is read as; an hour needs no reading."""
    at = a.due_at.astimezone(VIETNAM)
    return LATENESS_WORDS[a.lateness] if (at.hour, at.minute) == (0, 0) else "giờ ghi ở hạn trên"


def _description(a: Appointment) -> str:
    lines = (
        f"Mã: {a.reference}",
        f"Kế hoạch: {a.plan_title}",
        f"Đơn vị: {a.unit_name}",
        f"Hạn theo kế hoạch: {a.due_text}",
        f"Tính là quá hạn sau: {_late_after(a)}",
        a.note,
    )
    return "\n".join(clean(line) for line in lines if line)
