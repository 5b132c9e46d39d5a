"""Scenario files: schema, designs, targets, and specifications of what is generated."""
