"""The record beside `pymerkle`."""
