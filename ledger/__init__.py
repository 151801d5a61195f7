"""The credit bank's ledger: events in, postings out, under dated rules; nothing is edited, everything adds up."""
