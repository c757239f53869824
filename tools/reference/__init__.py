"""What the code already says, as pages: each module here renders some of them as {path: text}."""
