"""The few things a user does: import evidence, open a workspace, assess, decide.

>>> from scalegate.app.settings import parse_settings
>>> parse_settings('schema = "scalegate/workspace@1"').store_url
'sqlite:///workspace.sqlite'
"""

__all__ = ["importing", "settings", "workspace"]
