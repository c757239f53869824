"""What the demo needs: a voice on the terminal, and a way to execute what was generated."""
