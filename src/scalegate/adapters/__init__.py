"""One file or folder per outside system: readers of evidence and policies, stores.

>>> from scalegate.adapters.workspace_folder import digest_of_file
>>> digest_of_file.__name__
'digest_of_file'
"""

__all__ = ["documents", "inspect_log", "policy_files", "store_sql", "workspace_folder"]
