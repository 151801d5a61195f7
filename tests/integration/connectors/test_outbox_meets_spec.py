"""The outbox against the reference model: any order of pulls, judgements, mendings and replays gives the same lines."""

import random
import uuid

import pytest

from connectors import outbox
from connectors.delivery import Delivery
from connectors.mending import MendedRow
from connectors.registry import Agency
from connectors.sources.base import Rejected
from connectors.sources.base import Row as SourceRow
from pipeline import envelope
from pipeline.db import connect
from pipeline.settings import Settings
from tests.spec.model import Model
from tests.spec.system import Batch, Content, Flaw, Mode, NotAllowedError, Row, Said, Unreadable
from tests.staged import lines, new_agency, stage, table

ENTITY = "orgs"
STEPS = 14
Line = tuple[str | None, int, str]


class Both:
    """Does everything twice: in the model and in the outbox; every delivery must come out the same."""

    def __init__(self, settings: Settings, hand: random.Random) -> None:
        self._settings, self._hand = settings, hand
        self._agency: Agency = new_agency()
        self._model = Model()
        self._batches: dict[Batch, uuid.UUID] = {}

    def pull(self, delivery: str) -> None:
        mode: Mode = self._hand.choice(["bulk", "bulk", "delta"])
        rows = (
            self._said_before() if self._hand.random() < 0.4 else [self._row() for _ in range(self._hand.randrange(6))]
        )
        wanted = self._model.pull(delivery, self._agency.agency_code, mode, {ENTITY: rows})
        manifest = wanted.batches.get(ENTITY)
        sent = stage(self._settings, self._agency, table(ENTITY, *map(_sent, rows), mode=mode))
        self._same(delivery, sent)
        assert sent.unchanged_rows == wanted.unchanged
        assert sum(b.expected_rows for b in sent.batches) == (manifest.lines if manifest else 0)
        assert any(b.deletes_held for b in sent.batches) == (manifest is not None and manifest.deletes_held)
        self._land(delivery)

    def replay(self, delivery: str) -> None:
        """Mend what can be mended of one batch and send it again."""
        keys = [key for key, status in self._model.entries().items() if status == "open"]
        if not keys:
            return
        original = self._hand.choice(keys).batch
        for key in keys:
            record = self._model.quarantine[key].line.record
            if key.batch == original and record is not None and self._hand.random() < 0.8:
                try:
                    self._model.mend(key, record.record_id, self._content())
                except NotAllowedError:
                    continue
        mended = [key for key, entry in self._model.quarantine.items() if entry.status == "mended"]
        self._pull_over_it()
        entries = [self._model.quarantine[key] for key in sorted(mended)]
        if not entries:
            return
        self._model.replay(delivery, original)
        rows = []
        for entry in entries:
            assert entry.mended is not None
            record, content = entry.mended
            data = _payload(record.record_id, content)
            rows.append(MendedRow(record.record_id, data.encode(), entry.line.version))
        sent = outbox.stage_replay(
            self._settings, self._agency.agency_code, "oneroster", ENTITY, rows, self._batches[original]
        )
        self._same(delivery, sent)
        self._land(delivery)

    def decide(self) -> None:
        """Release or refuse a held batch, or withdraw a released one."""
        for batch, books in self._model.books().items():
            if books.status == "held":
                self._hand.choice([self._model.release_held, self._model.refuse_held])(batch)
            elif books.status == "released" and self._hand.random() < 0.3:
                self._model.withdraw(batch)
            self._write_status(batch)

    def _pull_over_it(self) -> None:
        """Now and then the agency says something between a mending and its replay."""
        if self._hand.random() < 0.4:
            self.pull(f"between-{self._hand.random()}")

    def _land(self, delivery: str) -> None:
        batch = Batch(delivery, ENTITY)
        if batch not in self._model.batches:
            return
        self._model.land([(batch, seq) for seq in range(len(self._model.batches[batch].lines))])
        self._model.judge()
        self._write_status(batch)

    def _write_status(self, batch: Batch) -> None:
        if batch not in self._batches:
            return
        with connect(self._settings, "flyover_owner") as owner:
            owner.execute(
                "insert into quality.batch (batch_id, delivery_id, agency_code, source, entity, status, received) "
                "select batch_id, delivery_id, agency_code, source, entity, %(status)s, 0 from connect.batch "
                "where batch_id = %(id)s on conflict (batch_id) do update set status = excluded.status",
                {"status": self._model.batches[batch].status, "id": self._batches[batch]},
            )

    def _same(self, delivery: str, sent: Delivery) -> None:
        batch = Batch(delivery, ENTITY)
        if sent.batches:
            self._batches[batch] = envelope.batch_id(sent.delivery_id, ENTITY)
        said = self._model.batches[batch].lines if batch in self._model.batches else ()
        wanted: list[Line] = [(n.record.record_id if n.record else None, n.version, n.operation) for n in said]
        found: list[Line] = [
            (None if n.record_id.startswith("rejected|") else n.record_id, n.version, n.op)
            for n in lines(self._settings, sent)
        ]
        assert found == wanted

    def _row(self) -> Row:
        record = self._hand.choice("abcd")
        if self._hand.random() < 0.15:
            return Unreadable(self._hand.choice([record, record, None]))
        return Said(record, None if self._hand.random() < 0.1 else self._content())

    def _said_before(self) -> list[Row]:
        """The agency's file once more, as it stands."""
        return [Said(record.record_id, state.content) for record, state in self._model.states.items()]

    def _content(self) -> Content:
        return Content(self._hand.randrange(2), self._hand.choice([Flaw.NONE, Flaw.NONE, Flaw.CRITICAL, Flaw.TABLE]))


def _payload(record_id: str, content: Content) -> str:
    return f'{{"sourcedId":"{record_id}","name":"{content.value}-{content.flaw}","type":"school"}}'


def _sent(row: Row) -> SourceRow | Rejected:
    if isinstance(row, Unreadable):
        return Rejected(0, f"{row.record_id},?", "reader.ragged_row", row.record_id)
    values: dict[str, str | None] = {"sourcedId": row.record_id, "type": "school"}
    if row.content is None:
        return SourceRow(0, values, deleted=True)
    return SourceRow(0, {**values, "name": f"{row.content.value}-{row.content.flaw}"})


@pytest.mark.parametrize("seed", range(12))
def test_outbox_says_what_the_model_says(settings: Settings, seed: int) -> None:
    hand = random.Random(seed)
    both = Both(settings, hand)
    for step in range(STEPS):
        kind = hand.choice(["pull", "pull", "pull", "replay", "decide"])
        if kind == "decide":
            both.decide()
        else:
            getattr(both, kind)(f"{kind}-{step}")
