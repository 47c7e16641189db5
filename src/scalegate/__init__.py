"""Scalegate: responsible-scaling policies, executable.

Scalegate decides, from evidence, whether a frontier AI model may be trained further or deployed
under a responsible-scaling policy, says why, and holds if it cannot tell.
"""

__all__ = ["__version__"]
__version__ = "0.1.0"
