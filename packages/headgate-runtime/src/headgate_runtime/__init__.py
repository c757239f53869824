"""What runs inside the generated workflows; standard library only, vendored into users' repositories."""

__version__ = "0.1.0"
