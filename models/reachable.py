"""Who can be reached at all, as one condition of SQL that everybody shares."""

from __future__ import annotations

REACHABLE = """EXISTS (
    SELECT FROM person p JOIN person_role r ON r.person_id = p.id
    JOIN jsonb_array_elements_text(p.channels) c ON CASE c WHEN 'mail' THEN p.email ELSE p.phone END <> ''
    WHERE p.unit_id = {unit} AND r.role IN ('officer', 'head')
      AND NOT EXISTS (SELECT FROM contact_mark m WHERE m.person_id = p.id AND m.channel = c
                      AND m.address = CASE c WHEN 'mail' THEN p.email ELSE p.phone END)
      AND (p.valid_from IS NULL OR p.valid_from <= CAST(:today AS date))
      AND (p.valid_to IS NULL OR p.valid_to >= CAST(:today AS date)))"""
"""Whether anybody of a unit can be told anything; `{unit}` is the column, `:today` the business date.

An officer whom nothing reaches is stood in for by the head, and a mark holds for the address it was made for.
"""

MARKED = """ARRAY(
    SELECT channel FROM contact_mark m WHERE m.person_id = p.id
      AND m.address = CASE m.channel WHEN 'mail' THEN p.email ELSE p.phone END)"""
"""The channels on which the present address of the person `p` is known not to work."""
