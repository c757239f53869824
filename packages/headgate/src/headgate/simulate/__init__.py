"""What would happen: the runtime's own verbs, run in this process on a virtual clock, branch and GitHub."""
