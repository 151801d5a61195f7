"""Writes data/: the documents that the pages read (portal/site/src/data/types.ts)."""

from __future__ import annotations

from portal.publishing import numbers, reasons
from portal.publishing.catalogue import catalogue
from portal.publishing.files import Folder
from portal.publishing.reading import Mart


def write_data(mart: Mart, folder: Folder) -> None:
    """All of data/ for one release; equal releases give equal bytes."""
    folder.put_json("data/catalogue.json", catalogue(mart))
    for path, document in numbers.area_files(mart):
        folder.put_json(path, document)
    for path, document in numbers.values_files(mart):
        folder.put_json(path, document)
    for path, document in numbers.parity_files(mart):
        folder.put_json(path, document)
    for path, document in reasons.revisions_files(mart):
        folder.put_json(path, document)
    folder.put_json("data/gaps.json", reasons.gaps(mart))
    folder.put_json("data/traces.json", reasons.traces(mart))
