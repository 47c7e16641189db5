"""Comparing two policies: ours beside python-sat, clingo and z3."""
