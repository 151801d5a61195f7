"""What agencies see of us: their receipts, and the desk where they hand in files."""
