"""Text of generated code, made safe to show: it may hold what moves a cursor or hides a line."""


def plain(text: str) -> str:
    """The text with every character that does not print replaced, line ends and tabs apart."""
    if text.isascii() and text.replace("\n", "").replace("\t", "").isprintable():
        return text
    text = text.replace("\r\n", "\n")
    return "".join(one if one.isprintable() or one in "\n\t" else "\ufffd" for one in text)
