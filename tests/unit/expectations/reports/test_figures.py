"""Scores as they are read and drawn: nothing that failed reads 100, no drawing speaks by colour alone."""

import datetime as dt
import xml.etree.ElementTree as ET
from decimal import Decimal

import pytest

from expectations.reports import figures
from expectations.reports.facts import Point

DAY = dt.datetime(2026, 11, 1, tzinfo=dt.UTC)


def parsed(drawing):
    return ET.fromstring(str(drawing))  # noqa: S314 - drawn here


def points(*scores):
    return [Point(DAY + dt.timedelta(days=n), Decimal(str(score))) for n, score in enumerate(scores)]


@pytest.mark.parametrize(
    ("score", "text", "tone"),
    [(None, "—", "none"), ("100.00", "100", "clean"), ("99.99", "99.99", "good"), ("99.49", "99.49", "watch"),
     ("96.99", "96.99", "poor"), ("0.00", "0.00", "poor")],
)  # fmt: skip
def test_score_is_read(score, text, tone):
    value = None if score is None else Decimal(score)
    assert (figures.shown(value), figures.tone(value)[0]) == (text, tone)


def test_every_grave_tone_has_a_sign_of_its_own():
    signs = [sign for _, name, sign in figures.TONES if name != "good"]
    assert all(signs)
    assert len(set(signs)) == len(signs)


@pytest.mark.parametrize("draw", [figures.sparkline, figures.course])
def test_drawings_can_be_read_aloud(draw):
    drawn = parsed(draw(points(98, 99.5, 100)))
    title = drawn.find("title")
    assert drawn.get("role") == "img"
    assert "最近 100，最低 98.00" in title.text
    assert "latest 100, lowest 98.00" in title.text
    heights = [float(pair.split(",")[1]) for pair in drawn.find("polyline").get("points").split()]
    assert heights == sorted(heights, reverse=True), "better is higher"


def test_a_single_delivery_has_no_course():
    assert "svg" not in figures.sparkline(points(99))
    assert figures.course(points(99)) == ""


def test_a_small_change_is_drawn_small():
    drawn = parsed(figures.sparkline(points(99.9, 100)))
    heights = [float(pair.split(",")[1]) for pair in drawn.find("polyline").get("points").split()]
    assert heights[0] - heights[1] < 2


@pytest.mark.parametrize(("observed", "out"), [(50, True), (100, False), (151, True)])
def test_range_tells_what_lies_outside(observed, out):
    place = figures.range_of({"observed": observed, "low": 90.0, "high": 150})
    assert place.out is out
    assert 0 <= place.at <= 100
    assert (place.at < place.low or place.at > place.low + place.width) is out


def test_range_without_bounds_is_not_drawn():
    assert figures.range_of({"observed": 3.0, "low": None, "high": 4.0}) is None


def test_shares_and_changes():
    assert [figures.share(value) for value in (0, 0.001, 12.345)] == ["0%", "<0.01%", "12.35%"]
    assert [figures.change(Decimal(value)) for value in ("0.00", "0.12", "-1.5")] == ["±0", "▲ +0.12", "▼ −1.50"]
