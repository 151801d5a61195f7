"""The build of a fact after a day's change, against building it from nothing and against an upsert written by hand."""
