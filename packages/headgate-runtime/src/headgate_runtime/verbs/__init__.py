"""What a job of a generated workflow does: one module per verb, each load → advance → decide → save → say."""
