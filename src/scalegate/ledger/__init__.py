"""Proofs about opaque bytes: who signed them, in which order they came, and what is withheld.

>>> from scalegate.ledger.tree import Tree, leaf_hash, verify_inclusion
>>> tree = Tree([b"policy", b"plan", b"decision"])
>>> path = tree.prove_inclusion(2)
>>> verify_inclusion(leaf_hash(b"decision"), index=2, size=3, proof=path, root=tree.root())
"""
