"""Bounds and verdicts per second, beside the peers."""
