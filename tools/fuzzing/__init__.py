"""Mutated manifests and callbacks for whatever reads them, and what to do with one that breaks it."""
