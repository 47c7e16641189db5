"""Arranges findings and decisions for a reader as tables, JSON and one HTML file; decides nothing.

>>> from scalegate.report.words import effect_word
>>> from scalegate.policy.vocabulary import EffectLevel
>>> effect_word(EffectLevel.HOLD).label
'■ HOLD'
"""

__all__ = ["arrange", "html", "json_view", "model", "terminal", "words"]
