"""What disclosure control costs a release: plentiful and scarce provinces, protected as `release/publish.py` does."""
