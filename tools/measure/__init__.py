"""The parts of the benchmark: each module here measures one thing and returns rows of a table."""
