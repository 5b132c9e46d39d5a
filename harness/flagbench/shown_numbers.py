"""Numbers as they are shown: only a whole rate is 100 %, only none is 0, an unknown one n/a."""

# Nearer to none or to the whole, a rate differs by the rounding of its computation only.
_EXACT = 1e-9
# Nearer to none or to certainty, a chance is not told apart from them.
_LEAST_CHANCE = 0.001


def rate(value: float, decimals: int = 0) -> str:
    """A rate in per cent, such as `99%`; with more decimals where these would say 100 % or 0 %."""
    shown = f"{value:.{decimals}%}"
    while _EXACT < value < 1 - _EXACT and float(shown.rstrip("%")) in (0, 100):
        decimals += 1
        shown = f"{value:.{decimals}%}"
    return shown


def shown_amount(value: float, decimals: int, sign: str = "") -> str:
    """An amount, such as `1,234.5`; with more decimals where these would say 0.

    With "+" as `sign` it is a difference: the limit of an interval keeps its side of 0.
    """
    if abs(value) <= _EXACT:
        value = 0.0
    while value and not round(value, decimals):
        decimals += 1
    return f"{round(value, decimals) + 0.0:{sign},.{decimals}f}"


def chance(value: float) -> str:
    """A chance that is an estimate, never certain and never none: `<0.1%`, `>99.9%`."""
    if value < _LEAST_CHANCE:
        return f"<{_LEAST_CHANCE:.1%}"
    if value > 1 - _LEAST_CHANCE:
        return f">{1 - _LEAST_CHANCE:.1%}"
    return rate(value)


def number(value: float | None, form: str) -> str:
    """A formatted value, as `rate` or `shown_amount` has it by the end of its format, or `n/a`."""
    if value is None:
        return "n/a"
    if form.endswith("%"):
        return rate(value, int(form.strip(".%")))
    if not form.endswith("f"):
        return format(value, form)
    shown = shown_amount(value, int(form.strip(",.f")))
    return shown if form.startswith(",") else shown.replace(",", "")
