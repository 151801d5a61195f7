"""What the peers land is what the contract says, though they know nothing of us."""

from benchmarks.land import events, peers
from pipeline.contract_struct import landing_columns
from pipeline.contracts import load_all
from pipeline.settings import CHECKOUT


def test_the_peers_columns_are_those_of_the_landing_table() -> None:
    source = (CHECKOUT / "benchmarks/peers/flat.py").read_text()
    named = source.partition("COLUMNS = (")[2].partition(")")[0].replace('"', "").replace(",", " ").split()
    contract = load_all(CHECKOUT / "contracts")[events.SOURCE, events.ENTITY]
    assert named
    assert set(named) <= {name for name, _ in landing_columns(contract)}


def test_every_peer_is_a_module_that_imports_nothing_of_ours() -> None:
    for peer in peers.ALL:
        source = (CHECKOUT / f"{peer.module.replace('.', '/')}.py").read_text()
        imports = [line for line in source.splitlines() if line.strip().startswith(("import ", "from "))]
        ours = ("pipeline", "connectors", "stack", "cli", "benchmarks.land", "benchmarks.meter")
        assert not [line for line in imports if line.split()[1].startswith(ours)]
