"""Pages that the build writes."""

from __future__ import annotations

from pathlib import Path


def write(page: Path, text: str) -> None:
    """Write a page, unless it is there: Sphinx reads again what is newer than it knows."""
    if not page.exists() or page.read_text(encoding="utf-8") != text:
        page.write_text(text, encoding="utf-8")
