"""Judges what arrived: rules a quality officer can read, the verdict on every batch, the quarantine and the report."""
