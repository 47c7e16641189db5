"""The record: append statements to a log, prove them, and check a log from its files."""
