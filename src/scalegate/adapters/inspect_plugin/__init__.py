"""What runs inside Inspect: stop a task when the question about its line is settled.

Needs the extra `scalegate[inspect]`; nothing else in Scalegate imports this package.
"""

from scalegate.adapters.inspect_plugin.stopping import StopWhenSettled

__all__ = ["StopWhenSettled"]
