"""The operator's map of the counties stands beside the pages of every release, as long as it is there."""

from types import SimpleNamespace

from portal.publishing.site import MAP, put_map


def test_the_map_goes_along_and_goes_away(tmp_path):
    settings = SimpleNamespace(state_dir=tmp_path / "state")
    for name in ("first", "second", "third"):
        (tmp_path / name).mkdir()
    put_map(settings, tmp_path / "first")
    assert not (tmp_path / "first" / MAP).exists()
    own = settings.state_dir / MAP
    own.parent.mkdir(parents=True)
    own.write_text("{}")
    put_map(settings, tmp_path / "second")
    put_map(settings, tmp_path / "second")  # pages that are shown get new data: it is there already
    assert (tmp_path / "second" / MAP).read_text() == "{}"
    own.unlink()
    put_map(settings, tmp_path / "second")
    assert not (tmp_path / "second" / MAP).exists()
