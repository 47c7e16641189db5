"""Trained planted models: small transformers with a hidden skill, and what elicitation brings out.

Reading stored response tables needs NumPy only; training needs the extra `organisms`.
"""
