"""Records of a workspace in a SQL database: an embedded SQLite file, or PostgreSQL by its URL.

>>> from scalegate.adapters.store_sql.store import SqlEvidenceStore
>>> SqlEvidenceStore.create.__name__
'create'
"""

__all__ = ["engines", "judge", "rows", "store"]
