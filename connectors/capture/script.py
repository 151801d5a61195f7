"""What an agency's database administrator runs so that its changes can be captured, and what takes it back.

Least privilege: a role that may log in, replicate and read the agreed columns; a publication of those columns alone.
"""

from __future__ import annotations

from connectors.capture.feeds import Feed

KEEP = "10GB"


def setup(feed: Feed, password: str = "choose a long one") -> str:  # noqa: S107  a word to be replaced
    """SQL for the administrator, once; the password is theirs to choose."""
    lines = [
        f"-- {feed.agency.name_zh} / {feed.agency.name_en}: what Flyover needs in {feed.database}, as administrator.",
        "",
        "-- 1. The log of changes, readable as rows. Restart the server after it, unless it said logical before.",
        "alter system set wal_level = logical;",
        "-- While Flyover is away the server keeps its log for it: never more than this. Beyond it Flyover reads the",
        "-- tables afresh, and the disk is safe.",
        f"alter system set max_slot_wal_keep_size = '{KEEP}';",
        "",
        "-- 2. Who reads, and what: these columns and no others.",
        f"create role {_q(feed.user)} login replication password '{password}';",
        f"grant connect on database {_q(feed.database)} to {_q(feed.user)};",
    ]
    schemas = dict.fromkeys(table.schema for table in feed.tables)
    lines += [f"grant usage on schema {_q(schema)} to {_q(feed.user)};" for schema in schemas]
    for table in feed.tables:
        columns = ", ".join(_q(column) for column in table.columns.values())
        lines.append(f"grant select ({columns}) on {_q(table.schema)}.{_q(table.table)} to {_q(feed.user)};")
    published = ",\n    ".join(
        f"{_q(t.schema)}.{_q(t.table)} ({', '.join(_q(c) for c in t.columns.values())})" for t in feed.tables
    )
    lines += [
        "",
        "-- 3. What is sent.",
        f"create publication {_q(feed.slot)} for table\n    {published};",
        "",
        f"-- 4. In pg_hba.conf, for Flyover's address alone: hostssl {feed.database} {feed.user} ADDRESS scram-sha-256",
        f"-- Then Flyover keeps the password: ./flyover secret set {feed.code} password",
        "",
    ]
    return "\n".join(lines)


def undo(feed: Feed) -> str:
    """SQL for the administrator that leaves nothing of ours behind."""
    return "\n".join(
        [
            f"-- {feed.agency.name_zh} / {feed.agency.name_en}: Flyover's traces in {feed.database}, removed.",
            "select pg_drop_replication_slot(slot_name) from pg_replication_slots",
            f"    where slot_name = '{feed.slot}' and not active;",
            f"drop publication if exists {_q(feed.slot)};",
            f"drop owned by {_q(feed.user)};",
            f"drop role if exists {_q(feed.user)};",
            "",
        ]
    )


def _q(name: str) -> str:
    """Names are checked when the yml is read."""
    return f'"{name}"'
