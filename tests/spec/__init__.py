"""The meanings of the pipeline as a specification: what any system under test must do (docs/reference/meanings.md)."""

import pytest

pytest.register_assert_rewrite("tests.spec.driver")
