"""The v1 contract of headgate.yaml."""

__version__ = "0.1.0"
