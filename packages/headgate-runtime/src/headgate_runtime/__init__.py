"""What runs inside the workflows that Headgate generates; standard library only, vendored into repositories."""

__version__ = "0.1.0"
