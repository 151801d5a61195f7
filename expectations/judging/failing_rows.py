"""Great Expectations' custom SQL, counted and not fetched. Importing this imports the library: only :mod:`gx` does."""

from __future__ import annotations

from typing import Any, ClassVar

from great_expectations.expectations import UnexpectedRowsExpectation

_ROWS = "unexpected_rows_query.table"


class ExpectNoFailingRows(UnexpectedRowsExpectation):  # type: ignore[misc]  # the library is not typed for us
    """UnexpectedRowsExpectation that asks once how many rows there are.

    The library's own fetches them first, all of them to this process, and then runs the query again to count.
    """

    metric_dependencies: ClassVar[tuple[str, ...]] = ("unexpected_rows_query.row_count",)

    def _validate(self, metrics: dict[str, Any], *arguments: Any, **named: Any) -> Any:
        return super()._validate({**metrics, _ROWS: []}, *arguments, **named)
