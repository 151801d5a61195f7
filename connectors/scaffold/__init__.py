"""Writes the files that an agency or a source begins with; an engineer goes on from there."""
