"""What was observed: logs, documents, the register of models, plans, bundles, cases.

>>> from scalegate.evidence.model import Kind
>>> Kind.UPLIFT_TRIAL.schema
'scalegate/uplift-trial@1'
"""

__all__ = [
    "bundle",
    "case",
    "check_register",
    "documents",
    "eval_log",
    "faults",
    "horizon",
    "model",
    "parse",
    "plan",
    "recompute",
    "record",
    "register",
    "score_value",
    "units",
    "validity",
]
