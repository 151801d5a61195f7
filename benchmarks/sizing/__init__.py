"""How much of what is needed for so many records: rates in one file, arithmetic in one module, a table made by both."""
