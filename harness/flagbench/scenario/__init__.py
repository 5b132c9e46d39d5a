"""Scenario files: schema, designs, targets, and specifications of the generated files."""
