"""First words of the texts of failures, which tell them apart where only a text is known.

Apart from the items, which take half a second to import: a command needs them before its processes
have started.
"""

WRONG_INPUT, COULD_NOT_RUN = "WRONG INPUT", "COULD NOT RUN"
PROVISIONAL = "PROVISIONAL"
