"""Who may do what, as data (decisions.yml): applied, compared with the database, and shown.

``settle`` runs after every migration, ``settle_built`` after every build; ``differences`` is ``./flyover roles
--check``.
"""

from pipeline.rights.decisions import Undecided, load
from pipeline.rights.settle import Difference, differences, settle, settle_built

__all__ = ["Difference", "Undecided", "differences", "load", "settle", "settle_built"]
