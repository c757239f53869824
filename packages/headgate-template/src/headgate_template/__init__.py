"""Scaffolds repositories that use Headgate."""

from headgate_template.new import TemplateError, create

__all__ = ["TemplateError", "create"]
