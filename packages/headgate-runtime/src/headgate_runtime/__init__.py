"""What runs inside the workflows that Headgate generates; standard library only, vendored into users' repositories."""
