"""Errors for people: one sentence that says who, where and what to do.

Two families, told apart because they are handled apart: :class:`BadInput` is about what an agency sent
(exit code 2, never retried), :class:`SystemTrouble` is about our own machines (exit code 3, waited out and
retried, and never recorded as bad data).
"""

from __future__ import annotations

UNCLASSIFIED = "refused.unclassified"


class FlyoverError(Exception):
    """Base of every error this project raises on purpose. Its text is fit to show to a person."""

    retriable: bool = False
    exit_code: int = 1


class BadInput(FlyoverError):
    """A file or a request that cannot be used as it is; nothing of it was kept half-done.

    ``code`` names the kind of refusal; ``connectors.messages`` has its text for the sender, in both languages.
    """

    exit_code = 2

    def __init__(
        self,
        problem: str,
        *,
        agency: str | None = None,
        source: str | None = None,
        file: str | None = None,
        line: int | None = None,
        advice: str | None = None,
        code: str = UNCLASSIFIED,
    ) -> None:
        self.problem, self.agency, self.source = problem, agency, source
        self.file, self.line, self.advice = file, line, advice
        self.code = code
        super().__init__(self._sentence())

    def _sentence(self) -> str:
        who = " ".join(part for part in (self.agency, f"({self.source})" if self.source else None) if part)
        where = ", ".join(part for part in (self.file, f"line {self.line}" if self.line is not None else None) if part)
        head = ": ".join(part for part in (who, where, self.problem) if part)
        return f"{head.rstrip('.')}. {self.advice}" if self.advice else head


class SystemTrouble(FlyoverError):
    """A server of ours is down or refuses; the work is safe and goes on when the server is back."""

    retriable = True
    exit_code = 3


class ConfigurationError(FlyoverError):
    """Something a data engineer wrote (a contract, an agency's yml, a rule) is wrong; names the file."""

    exit_code = 2


class StalePull(FlyoverError):
    """Another pull has asked the same system meanwhile; what this one read was not kept."""

    exit_code = 3


class StaleDrain(FlyoverError):
    """Another drain has taken over this partition; what this one read was not written."""

    exit_code = 3
