"""The v1 contract of headgate.yaml."""
