"""Any subject and any name arrive as they were written, in encoded words as RFC 2047 wants them."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from email import message_from_bytes
from email.header import decode_header, make_header
from email.policy import default

from hypothesis import given
from hypothesis import strategies as st

from activities.mail import MailServer, build_message
from documents.render_mail import MailContent

AT = datetime(2024, 11, 20, 1, tzinfo=UTC)
SOME = "Báo cáo tổng hợp quá hạn nhắc ký nhiệm vụ 02 năm 2024 UBND (Sở TT&TT), [DIỄN TẬP]"
WORDS = st.lists(
    st.sampled_from(SOME.split()),
    min_size=1,
    max_size=25,
).map(" ".join)  # fmt: skip


@given(WORDS, WORDS)
def test_subject_and_name_come_back(subject: str, name: str) -> None:
    server = MailServer("127.0.0.1", 25)
    content = MailContent(subject, "chữ", "<p>chữ</p>")
    raw = build_message(server, "an@thu.example", name, content, "<1@thu.example>", AT).as_bytes()
    read = message_from_bytes(raw, policy=default)
    assert read["Subject"] == subject
    # The new parser of the standard library keeps the blank between two encoded words of a name; the old one is right.
    told = message_from_bytes(raw)["To"].rpartition(" <")[0]
    assert str(make_header(decode_header(told))).strip() == name
    assert read["To"].addresses[0].addr_spec == "an@thu.example"
    assert read["From"].addresses[0].display_name == "Đôn Đốc"
    head = raw.split(b"\r\n\r\n", 1)[0].decode("ascii")
    assert all(len(word) <= 75 for word in re.findall(r"=\?utf-8\?.\?[^?]*\?=", head))
    assert all(len(line) <= 78 for line in head.split("\r\n") if not line.startswith("Content-"))
