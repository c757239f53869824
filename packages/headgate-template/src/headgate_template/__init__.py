"""Scaffolds repositories that use Headgate."""
