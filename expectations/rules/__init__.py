"""The rules: read from ``expectations/suites/``, turned into SQL, explained in both languages."""
