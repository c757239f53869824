"""The language server: what the checks say, in an editor, while someone types.

The server holds no rule. It keeps the open texts (``session.py``), asks ``check.py`` and the pure modules
beside it, and turns their answers into the protocol's words (``convert.py``); ``server.py`` only wires.
"""
