"""The judgement of a batch: duplicates, Great Expectations, quarantine, books."""
