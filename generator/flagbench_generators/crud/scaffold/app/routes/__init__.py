"""Routes modules; each has a router."""
