"""Resolved manifest and callbacks → the runtime's plan, and the plan as people read it."""
