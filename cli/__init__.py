"""What a person types: one module a command group; progress on standard error, tables or JSON on standard output."""
