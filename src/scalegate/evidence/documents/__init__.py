"""The payloads of evidence documents, one model per kind, frozen and strict.

>>> from scalegate.evidence.documents.kinds import PAYLOADS
>>> PAYLOADS["judgement"].__name__
'Judgement'
"""

__all__ = ["fields", "kinds", "plans", "records", "registry", "results", "safeguards"]
