"""How long a person waits: for the servers to be up, for the demo, and for a command to say something."""
