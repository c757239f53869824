"""Is a repository set up as Headgate needs it? Facts are asked for first; checks are functions of them."""
