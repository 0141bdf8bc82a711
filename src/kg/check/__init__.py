"""Checks: text, syntax, shapes, cross-file rules and evidence; each yields findings."""
