"""A deterministic synthetic province in the agencies' own formats, with planted defects and known truth.

Everyone in it is invented. It writes files and nothing else: it knows no database, broker or pipeline.
"""

from simulator.province import Province, write_province

__all__ = ["Province", "write_province"]
