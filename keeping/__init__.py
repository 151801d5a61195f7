"""Looking after what is kept: erasing a person, backing up and restoring, changing keys and passwords."""
