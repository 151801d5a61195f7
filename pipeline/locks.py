"""The advisory locks we take in PostgreSQL, each for one purpose, all numbers in one place.

A lock of one of many (an agency's feed, a delivery) is taken with a second number, the hash of its name.
"""

from __future__ import annotations

from typing import Final

MIGRATION: Final = 7_003_301
RELEASED_SEQ: Final = 7_003_302
"""Whoever takes a number of ``quality.released_seq`` holds this to the commit: numbers commit in their order."""
BUILD: Final = 7_003_303
"""One build of the warehouse at a time; shared by who only needs that none runs."""
FEED: Final = 7_003_304
"""One delivery of an agency and source at a time is staged."""
DELIVERY: Final = 7_003_305
"""One judge at a time holds a delivery."""
COPY: Final = 7_003_306
"""One copy of the warehouse at a time."""
CORRECTION: Final = 7_003_307
"""One correction of an agency at a time is taken."""
WATCH: Final = 7_003_308
"""One look at what may be wrong at a time."""
LINKAGE: Final = 7_003_309
"""One at a time finds out, or decides, who is whom."""
LEDGER: Final = 7_003_310
"""One at a time posts to the ledger."""
FORECAST: Final = 7_003_311
"""One run of the forecasts at a time."""
REASONS: Final = 7_003_312
"""One at a time writes down why a release's numbers are what they are."""
AUDIT: Final = 7_003_316
"""One transaction at a time adds to the audit trail's chain, at its commit (migration 0711)."""
MONTHS: Final = 7_003_361
"""One at a time makes months of landing; taken inside landing.make_month."""
