"""The probe, which runs with generated code in the sandbox: it executes commands, not checks."""
