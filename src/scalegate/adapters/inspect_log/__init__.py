"""Read Inspect AI logs (`.eval` and `.json`) from the files themselves, fast and in bounded memory.

>>> from scalegate.adapters.inspect_log import read_log
>>> log = read_log("tests/data/inspect-logs/inspect_ai__popularity_scored.eval")
>>> log.header.task, len(log.samples)
('popularity', 10)
"""

from scalegate.adapters.inspect_log.limits import DEFAULT_LIMITS, ReadLimits
from scalegate.adapters.inspect_log.read import file_digest, read_header, read_log, read_scores
from scalegate.adapters.inspect_log.side_index import SideIndex

__all__ = [
    "DEFAULT_LIMITS",
    "ReadLimits",
    "SideIndex",
    "file_digest",
    "read_header",
    "read_log",
    "read_scores",
]
