"""What runs beside generated code, in the sandbox: it does what it is told and judges nothing."""
