"""How the credit bank's ledger grows: posting, a day's change, and balances as of a day."""
