"""The file of rows to mend on its way out and back: how it is marked, written, known again, read and compared."""
