"""How large a document may be before any reader refuses it: one place, so that no reader is more generous."""

from __future__ import annotations

# Bytes of a file as sent. The longest plans with their appendices take about 3 MB as .docx and 8 MB as a scan.
MAX_BYTES = 10 * 1024 * 1024
# Pages of a PDF with a text layer; the longest provincial plan with appendices runs to some 150.
MAX_PAGES = 500
# Rows of all tables of one document taken together.
MAX_ROWS = 5_000
# Pages that are only a picture: recognising one takes seconds, not milliseconds.
MAX_SCANNED_PAGES = 60
