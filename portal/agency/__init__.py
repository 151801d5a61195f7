"""The agencies' side of the desk: files handed in, receipts, rows to mend."""
