"""Reads workbooks (.xlsx, .xls, .ods) row by row: nothing run, nothing fetched, and only the current row held.

``workbook`` recognises the kind by content and checks limits; ``xlsx``, ``ods`` and ``xls`` give the cells;
``layout`` finds the header and leaves out what is no record; ``records`` turns the rest into rows of a contract.
"""
