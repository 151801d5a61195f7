"""./flyover portal: the published pages: write them, see which are kept, go back, copy them to another web server."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cli.output import emit_table, say, timed_progress
from pipeline.settings import load

app = typer.Typer(no_args_is_help=True)
AsJson = Annotated[bool, typer.Option("--json", help="One JSON document on standard output.")]


@app.command("build")
def build(
    data_only: Annotated[
        bool, typer.Option("--data-only", help="Data, public interface and Parquet without the pages: needs no npm.")
    ] = False,
) -> None:
    """Write the pages of the current release and show them. Readers have the earlier ones until the last moment."""
    from portal.publishing import site
    from stack import site as pages

    settings, progress = load(), timed_progress()
    written = site.build(settings, None if data_only else pages.built(progress), progress)
    say(f"{written.path}\nThe portal shows them under /numbers/; ./flyover portal export --to DIR copies them.")


@app.command("list")
def list_(as_json: AsJson = False) -> None:
    """Show the pages that are kept, the last shown first."""
    from portal.publishing import shelf

    rows = [
        (site.release_id, site.digest, site.is_current, round(site.size_bytes / 1e6, 1), str(site.path))
        for site in shelf.sites(load())
    ]
    emit_table("Published pages", ("release", "digest", "shown", "megabytes", "folder"), rows, as_json)
    if not rows:
        say("none yet: ./flyover portal build")


@app.command("back")
def back(
    release: Annotated[int, typer.Argument(help="Number of a release; mart.release lists them.")],
    reason: Annotated[str, typer.Option("--reason", help="Why; kept in the audit.")],
) -> None:
    """Make an earlier release the current one again, in SQL and on the pages."""
    from portal.publishing import site
    from release.publish import move_back
    from stack import site as pages

    settings, progress = load(), timed_progress()
    moved = move_back(settings, release, reason=reason)
    progress(f"mart: release {moved.release_id} is the current one")
    site.show_release(settings, lambda: pages.built(progress), moved.release_id, progress)


@app.command("export")
def export(
    to: Annotated[Path, typer.Option("--to", help="A new or empty folder, or an earlier export.")],
) -> None:
    """Copy the pages that are shown to a folder; any web server serves them as they are."""
    from portal.publishing import shelf

    exported = shelf.export(load(), to)
    say(f"release {exported.release_id} ({exported.size_bytes / 1e6:,.1f} MB) is in {to}")
    say(f"try it: python3 -m http.server --directory {to}")
