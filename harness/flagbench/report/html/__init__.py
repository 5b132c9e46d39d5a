"""`report.html`: one self-contained page for people, from the frozen `RunReport`."""
