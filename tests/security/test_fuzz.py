"""Whatever bytes come: a reader answers with rows or one BadInput, the edge with something fit to travel, the sink's
decoders with an event or their own error. Cases are drawn from a seed that is told, so that any can be met again.

    FLYOVER_FUZZ_CASES=20000 FLYOVER_FUZZ_SEED=7 ./flyover test security -k fuzz
"""

import datetime as dt
import io
import os
import random
import shutil
import uuid
import zipfile
from pathlib import Path

import msgspec
import pytest

from connectors import pull
from connectors.edge import Edge
from connectors.sources.base import Rejected
from pipeline import contracts, envelope
from pipeline.contract_struct import event_decoder
from pipeline.errors import BadInput
from pipeline.settings import CHECKOUT, parse_secrets
from tests import evidence
from tests.deliveries import FIXTURES, make_agency

SEED = int(os.environ.get("FLYOVER_FUZZ_SEED", "1"))
CASES = int(os.environ.get("FLYOVER_FUZZ_CASES", "100"))
"""of each delivery; a tenth of them for workbooks, which are slow to open"""
DELIVERIES = {
    "caliper": ("caliper/week_1",),
    "census": ("census/county_yearbook", "census/population_by_age"),
    "credit_bank": ("credit_bank/quarter_1",),
    "hr": ("hr/three_tables",),
    "oneroster": ("oneroster/bulk_1p1", "oneroster/bulk_1p2", "oneroster/delta_1p2", "oneroster/gradebook_1p2"),
    "oulad": ("oulad/seven_tables",),
    "returns": ("returns/year_2025",),
    "senior": ("senior/senior_enrolment.csv",),
    "xapi": ("xapi/week_1",),
}
WORKBOOKS = ("workbooks/offices.xlsx", "workbooks/offices.ods", "workbooks/offices.xls")
SHARDS = [
    *(b"\0 \xff\xfe \xef\xbb\xbf \" , \n \r \r\n \t ; \\ \\u0000 \\ud800 {} [ ] { } null true -0 1e999".split()),
    *(b"NaN 99999999999999999999 =cmd|'/C'!A0 {{7*7}} {%raw%} <script> '; -- $(id) %s %n ../../x".split()),
    "学".encode(), "学".encode("gb18030"), "\u202e".encode(), "𠮷".encode(), b"[" * 3000, b'{"a":' * 3000, b"9" * 5000,
]  # fmt: skip
CONTRACTS = contracts.load_all(CHECKOUT / "contracts")
SECRETS = parse_secrets(
    {"pg_passwords": {}, "hmac_keys": {"1": "11" * 32}, "hmac_active": "1", "vault_master_key": "22" * 32,
     "intake_key": "33" * 32, "quarantine_key": "44" * 32}
)  # fmt: skip


def spoilt(content: bytes, draw: random.Random) -> bytes:
    """A few wounds: bytes changed, taken out, doubled, put in, or the end cut off."""
    wounded = bytearray(content)
    for _ in range(draw.randint(1, 6)):
        place = draw.randrange(len(wounded) + 1)
        length = draw.choice((0, 1, 1, 2, 7, 40))
        wound = draw.randrange(5)
        if wound == 0:
            wounded[place : place + length] = draw.randbytes(length)
        elif wound == 1:
            wounded[place : place + length] = draw.choice(SHARDS)
        elif wound == 2:
            wounded[place:place] = wounded[place : place + length]
        elif wound == 3:
            del wounded[place : place + length]
        elif draw.random() < 0.2:
            del wounded[place:]
    return bytes(wounded)


def files_below(origin: Path) -> list[Path]:
    return [origin] if origin.is_file() else sorted(path for path in origin.rglob("*") if path.is_file())


def read_through(source: str, origin: Path) -> int:
    """Rows that came through reader and edge."""
    agency = make_agency(source)
    rows = 0
    with pull.tables_of(agency, origin) as tables:
        for table in tables:
            contract = CONTRACTS[source, table.entity]
            edge = Edge(contract, agency, SECRETS, dt.date(2026, 11, 22), bytes(32))
            for row in table.rows():
                edged = edge.rejected(row) if isinstance(row, Rejected) else edge.row(row)
                edged.record_id.encode()
                rows += 1
    return rows


@pytest.mark.parametrize(
    ("source", "sample"), [(source, sample) for source, samples in DELIVERIES.items() for sample in samples]
)
def test_fuzz_deliveries(tmp_path: Path, source: str, sample: str) -> None:
    draw = random.Random(f"{SEED}/{sample}")
    whole, refused, rows = FIXTURES / sample, 0, 0
    assert read_through(source, whole)
    for case in range(CASES):
        origin = tmp_path / str(case) / whole.name
        origin.parent.mkdir()
        (shutil.copytree if whole.is_dir() else shutil.copy)(whole, origin)
        victim = draw.choice(files_below(origin))
        victim.write_bytes(spoilt(victim.read_bytes(), draw))
        try:
            rows += read_through(source, origin)
        except BadInput:
            refused += 1
        except Exception as error:
            error.add_note(f"seed {SEED}, {sample}, case {case}, {victim.name}")
            raise
        shutil.rmtree(origin.parent)
    assert 0 < refused < CASES, "either nothing was damaged or everything was"
    evidence.tell(f"fuzz: {sample}: {CASES} spoilt deliveries, {refused} refused whole, {rows:,} rows read")


def spoilt_inside(workbook: bytes, draw: random.Random) -> bytes:
    """A workbook of today is a zip of XML: one of its members spoilt and packed again, so that the wound is met."""
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(workbook)) as whole, zipfile.ZipFile(made, "w") as packed:
        victim = draw.choice(whole.namelist())
        for name in whole.namelist():
            packed.writestr(name, spoilt(whole.read(name), draw) if name == victim else whole.read(name))
    return made.getvalue()


@pytest.mark.parametrize("sample", WORKBOOKS)
def test_fuzz_workbooks(tmp_path: Path, sample: str) -> None:
    draw = random.Random(f"{SEED}/{sample}")
    content, cases, refused = (FIXTURES / sample).read_bytes(), max(20, CASES // 10), 0
    wound = spoilt_inside if zipfile.is_zipfile(FIXTURES / sample) else spoilt
    for case in range(cases):
        origin = tmp_path / f"{case}-{Path(sample).name}"
        origin.write_bytes(wound(content, draw))
        try:
            read_through("senior", origin)
        except BadInput:
            refused += 1
        except Exception as error:
            error.add_note(f"seed {SEED}, {sample}, case {case}")
            raise
    assert refused < cases, "every one was refused: nothing inside was read"
    evidence.tell(f"fuzz: {sample}: {cases} spoilt workbooks, {refused} refused whole")


def test_fuzz_envelope() -> None:
    """The sink quarantines what raises these two and nothing else, so nothing else may be raised."""
    draw = random.Random(f"{SEED}/envelope")
    broken = read = 0
    for contract in CONTRACTS.values():
        values = {field.name: draw.choice(("1", "2025-01-01", "学", "true")) for field in contract.landed_fields}
        event = envelope.Event(
            id=uuid.uuid4(), source="sch-test", type=contract.topic, subject="a|b", batchid=uuid.uuid4(), batchseq=0,
            version=1, op="upsert", time=dt.datetime(2026, 11, 22, tzinfo=dt.UTC),
            data=msgspec.Raw(msgspec.json.encode(values)),
        )  # fmt: skip
        value, decoders = envelope.encode(event), (envelope.decode, event_decoder(contract).decode)
        for _ in range(CASES):
            spoilt_value = spoilt(value, draw)
            for decode in decoders:
                try:
                    decode(spoilt_value)
                    read += 1
                except envelope.UNREADABLE:
                    broken += 1
    assert read
    assert broken
    evidence.tell(f"fuzz: envelope: {read + broken:,} decodes of {len(CONTRACTS)} contracts, {broken:,} refused")
