"""Scenario files: what they may say, and every mistake in one go, each with its line."""

from collections.abc import Callable
from pathlib import Path

import pytest
from house import House

from flagbench.errors import InputError
from flagbench.scenario import loading
from flagbench.scenario.brief import Brief
from flagbench.scenario.own_checks import OwnChecks

BASE = "title: t\nabout: a\nsubject: tiny.write\nrequests: [x]\n"


@pytest.fixture
def refused(tmp_path: Path) -> Callable[[str], list[str]]:
    """Loads a scenario with this text and gives the error's lines, the folder cut off."""
    path = tmp_path / "x.yaml"

    def load(text: str) -> list[str]:
        path.write_text(text)
        with pytest.raises(InputError) as caught:
            loading.load(path)
        return str(caught.value).replace(f"{tmp_path}/", "").splitlines()

    return load


@pytest.fixture
def loaded(tmp_path: Path) -> Callable[[str], loading.Scenario]:
    """Loads a scenario with this text."""

    def load(text: str) -> loading.Scenario:
        path = tmp_path / "x.yaml"
        path.write_text(text)
        return loading.load(path)

    return load


def test_the_tiny_scenario(house: House) -> None:
    """Defaults: the simulated provider, gpt-4o-mini, every combination of the subject's flags."""
    one = house.scenario
    assert (one.name, one.trials, one.provider, one.model) == (
        "tiny", 2, "simulated", "gpt-4o-mini",
    )  # fmt: skip
    assert [each.id for each in one.combinations] == ["none", "short", "parallel", "all"]
    assert one.control.id == "none"
    assert [target.text for target in one.targets["all"]] == [">= 20 %", ">= 85 %"]
    assert one.environment(one.combinations[1]) == {"TINY_SHORT": "true", "TINY_PARALLEL": "false"}


def test_the_design_and_the_named_combinations_stand_together(
    loaded: Callable[[str], loading.Scenario],
) -> None:
    """Each once, the design's first."""
    one = loaded(BASE + "design: one-at-a-time\ncombinations: [all, short, default]\n")
    assert [each.id for each in one.combinations] == ["none", "short", "parallel", "all"]


def test_a_scenario_chooses_among_the_factors_of_its_subject(
    loaded: Callable[[str], loading.Scenario],
) -> None:
    """What it does not choose is not varied."""
    one = loaded(BASE + "factors: [parallel]\n")
    assert [each.id for each in one.combinations] == ["none", "all"]
    assert one.environment(one.combinations[1]) == {"TINY_PARALLEL": "true"}


def test_a_scenario_has_factors_of_its_own(loaded: Callable[[str], loading.Scenario]) -> None:
    """With levels and a default, for a subject that declares none."""
    one = loaded(
        BASE + "factors:\n  depth: {env: DEPTH, levels: [low, mid, high], default: mid}\n"
        "design: named\ncombinations: [default]\n"
    )
    assert [each.id for each in one.combinations] == ["depth=mid"]
    assert one.environment(one.combinations[0]) == {"DEPTH": "mid"}


def test_all_problems_of_the_form_are_reported_at_once(
    refused: Callable[[str], list[str]],
) -> None:
    """In the order of lines, each with what was expected; nothing of the content yet."""
    assert refused(
        "titel: t\n"  # 1
        "about: a\n"
        "subject: tiny.write\n"  # 3
        "requests: []\n"
        "trials: 0\n"  # 5
        "provider:\n"
        "  name: simulated\n"  # 7
        "  settings: {rate_limt: 0.1, qqq: 1}\n"
        "design: ful\n"  # 9
        "combinations: [shrt]\n"
        "marks: [Not a mark]\n"  # 11
        "zzzzzz: 1\n"
    ) == [
        "x.yaml:1: unknown key 'titel'",
        "    expected: title",
        "x.yaml:4: requests is []",
        "    expected: to have at least 1 item",
        "x.yaml:5: trials is 0",
        "    expected: greater than or equal to 1",
        "x.yaml:8: provider.settings: unknown key 'qqq'",
        "    expected: seed, rate_limit, server_error, hang, disconnect, cut_off, invalid_json, "
        "refusals, defects, fences, oversights, false_alarms, rates, latency_scale, by_trial",
        "x.yaml:8: provider.settings: unknown key 'rate_limt'",
        "    expected: rate_limit",
        "x.yaml:9: design is 'ful'",
        "    expected: 'full', 'one-at-a-time', 'leave-one-out', 'pairwise', 'fractional' or "
        "'named'",
        "x.yaml:11: marks.0 is 'Not a mark'",
        "    expected: to match pattern '^[a-z][a-z0-9_]*$'",
        "x.yaml:12: unknown key 'zzzzzz'",
        "    expected: title, about, subject, requests, model, tokenizer, prices, provider, "
        "services, match, trials, factors, design, combinations, targets, acceptance, "
        "dashboard, marks",
    ]


@pytest.mark.parametrize(
    ("text", "inside", "key", "expected"),
    [
        ("factors: {style: {levls: [a, b]}}", "factors.style: ", "levls", "levels"),
        ("factors: {style: {title: x}}", "factors.style: ", "title",
         "env, levels, default, arguments"),
        ("services: {search: {base_ulr: http://x.de}}", "services.search: ", "base_ulr",
         "base_url"),
        ("match: [{use: dates, restor: true}]", "match.0: ", "restor", "restore"),
        ("acceptance: {kinds: {py: {runn: [x], version: [x]}}}", "acceptance.kinds.py: ", "runn",
         "run"),
        ("acceptance: [{entity: A, attributes: {a: text}, statuses: {crate: 200}}]",
         "acceptance.0.statuses: ", "crate", "create"),
        ("acceptance: [{entity: A, attributes: {a: text}, relations: {b: {knd: many_to_one}}}]",
         "acceptance.0.relations.b: ", "knd", "kind"),
        ("dashboard: {of: all, bar: {}}", "dashboard: ", "bar", "bars"),
    ],
)  # fmt: skip
def test_a_typo_in_a_key_is_one_problem(
    refused: Callable[[str], list[str]], text: str, inside: str, key: str, expected: str
) -> None:
    """At every level, with the key of the same level that it is most like, else with all."""
    assert refused(f"{BASE}{text}\n") == [
        f"x.yaml:5: {inside}unknown key {key!r}",
        f"    expected: {expected}",
    ]


def test_a_subject_that_is_loaded_late_is_named_with_its_file(
    loaded: Callable[[str], loading.Scenario],
) -> None:
    """With factors of its own, a scenario needs the subject only when it runs."""
    scenario = loaded(BASE.replace("tiny.write", "tiny.wriet") + "factors: {x: {env: X}}\n")
    for read in (lambda: scenario.tested, lambda: scenario.scaffold):
        with pytest.raises(InputError) as caught:
            read()
        (problem,) = caught.value.problems
        assert problem.where == f"{scenario.path}: subject"
        assert (problem.what, problem.expected) == ("module 'tiny' has no 'wriet'", "write")


def test_all_problems_of_the_content_are_reported_at_once(
    refused: Callable[[str], list[str]],
) -> None:
    """In the order of lines: requests, sweep, flags, combinations, targets, acceptance, board."""
    assert refused(
        "title: t\nabout: a\nsubject: tiny.write\n"
        "requests: [{file: gone.json}, x]\n"  # 4
        "provider: {name: simulated, settings: {by_trial: {hang: [0, 0.1, 0.2, 0.3]}}}\n"
        "factors: [short, parallel, slow]\n"  # 6
        "design: one-at-a-time\n"
        "combinations: [shrt]\n"  # 8
        "targets:\n"
        "  all:\n"  # 10
        "    token_reductoin: '>= 20 %'\n"
        "    seconds: fast\n"  # 12
        "  paralel: {tokns: '<= 5'}\n"
        "acceptance: [{entity: Book, attributes: {title: string}}]\n"
        "dashboard:\n"
        "  of: lng\n"  # 16
        "  bars: {usdd: {value: 9, better: lower, advice: shorten it}}\n"
    ) == [
        "x.yaml:4: gone.json: cannot be read: [Errno 2] No such file or directory: 'gone.json'",
        "    expected: a text file of this project, relative to the scenario's folder",
        "x.yaml:5: hang has 4 values for 3 trials",
        "    expected: trials: 4",
        "x.yaml:6: unknown flag 'slow'",
        "    expected: short, parallel",
        "x.yaml:8: unknown flag 'shrt'",
        "    expected: 'short'",
        "x.yaml:10: 'all' has targets and is not run",
        "    expected: combinations: [all]",
        "x.yaml:11: unknown metric 'token_reductoin'",
        "    expected: token_reduction",
        "x.yaml:12: 'fast' is not a target",
        "    expected: a bound, e.g. '>= 75 %' or '<= 2000'",
        "x.yaml:13: unknown flag 'paralel'",
        "    expected: 'parallel'",
        "x.yaml:13: unknown metric 'tokns'",
        "    expected: tokens",
        "x.yaml:14: 1 entities for 2 requests",
        "    expected: for each request in order, its entity as it must then be",
        "x.yaml:16: unknown flag 'lng'",
        "    expected: short, parallel",
        "x.yaml:17: unknown metric 'usdd'",
        "    expected: usd",
    ]


def test_an_unloadable_subject_is_reported_with_what_does_not_need_it(
    refused: Callable[[str], list[str]],
) -> None:
    """Its flags are unknown, so nothing is said about the combinations that name them."""
    text = BASE.replace("tiny.write", "tiny.wriet").replace("[x]", "[{file: gone}]")
    told = refused(text + "combinations: [short]\n")
    assert [line.split(":")[1] for line in told if line.startswith("x")] == ["3", "4"]


# What a scenario says wrongly, and how the first line of the error begins.
MISTAKES = {
    "subject: not in its module": (
        BASE.replace("tiny.write", "tiny.wriet"), "x.yaml:3: module 'tiny' has no 'wriet'"),
    "subject: no such module": (
        BASE.replace("tiny.write", "tyni.write"), "x.yaml:3: 'tyni.write' cannot be imported: "),
    "subject: no dotted path": (
        BASE.replace("tiny.write", "write"), "x.yaml:3: unknown subject 'write'"),
    "subject: no function": (
        BASE.replace("tiny.write", "tiny.__name__"), "x.yaml:3: 'tiny.__name__' is not a funct"),
    "requests: a blank one": (
        BASE.replace("[x]", "[x, '  ']"), "x.yaml:4: requests.1 is '  '"),
    "factors: unknown": (BASE + "factors: [shrt]\n", "x.yaml:5: unknown flag 'shrt'"),
    "factors: no env": (BASE + "factors: {x: {levels: [a, b]}}\n", "x.yaml:5: "),
    "factors: no variable": (
        BASE + "factors: {x: {env: 'a=b'}}\n", "x.yaml:5: factors.x.env"),
    "factors: one level": (BASE + "factors: {x: {env: X, levels: [a]}}\n", "x.yaml:5: "),
    "factors: levels that are no list": (
        BASE + "factors: {x: {env: X, levels: 3}}\n", "x.yaml:5: factors."),
    "factors: no levels": (
        BASE + "factors: {x: {env: X, levels: []}}\ncombinations: [all]\n", "x.yaml:5: factors."),
    "factors: beside a key that is a number": (
        BASE + "factors: {x: {env: X}}\ncombinations: [x]\n1: y\n",
        "x.yaml:1: key 1 is not a string"),
    "factors: a default that is no level": (
        BASE + "factors: {x: {env: X, default: maybe}}\n", "x.yaml:5: default 'maybe'"),
    # Both would be the last one's level, and the first would measure nothing.
    "factors: one variable for two": (
        BASE + "factors: {x: {env: Y}, y: {}}\n", "x.yaml:5: y and x have the same variable, Y"),
    "factors: the variable of a provider": (
        BASE + "factors: {x: {env: OPENAI_BASE_URL}}\n", "x.yaml:5: OPENAI_BASE_URL is the prov"),
    "factors: the variable of a service": (
        BASE + "factors: {x: {}}\nservices: {s: {base_url: 'http://a/b', env: X}}\n",
        "x.yaml:5: x and the service s have the same variable, X"),
    "factors: the variable of a command's own": (
        BASE.replace("tiny.write", "{command: [python, '{request}'], env: {X: y}}")
        + "factors: {x: {}}\n", "x.yaml:5: x and subject.env have the same variable, X"),
    "factors: a level twice": (
        BASE + "factors: {x: {levels: [a, b, a], default: a}}\n",
        "x.yaml:5: x has the levels a, b, a"),
    # A combination's name would be another's, or could not be read back.
    **{
        f"factors: {level!r} for a level": (
            BASE + f"factors: {{x: {{levels: [a, {level!r}, c], default: a}}}}\n",
            f"x.yaml:5: {level!r} cannot name a level")
        for level in ("b+y", "b::c")
    },
    "factors: a level that cannot be shown": (
        BASE + 'factors: {x: {levels: [a, "b\\0"], default: a}}\n',
        "x.yaml:5: 'b\\x00' cannot name a level"),
    # `all-a-b` could not be read back.
    **{
        f"factors: {name} for a name": (
            BASE + f"factors: {{'{name}': {{env: X}}, c: {{env: C}}, d: {{env: D}}}}\n",
            f"x.yaml:5: '{name}'",
        )
        for name in ("a-b", "a+b", "a=b", "A", "none")
    },
    "combinations: unknown level": (
        BASE + "combinations: [short=loud]\n", "x.yaml:5: flag short has no level 'loud'"),
    "combinations: two levels of a flag": (
        BASE + "combinations: [short+short=false]\n", "x.yaml:5: two levels of the flag short"),
    "combinations: no level": (
        BASE + "combinations: ['short=']\n", "x.yaml:5: flag short has no level ''"),
    "combinations: none for the design": (
        BASE + "design: named\n", "x.yaml:5: design 'named' without combinations"),
    "trials: a text": (BASE + "trials: '3'\n", "x.yaml:5: trials is '3'"),
    "targets: a number": (
        BASE + "targets: {all: 3}\n", "x.yaml:5: targets.all is 3"),
    "targets: no comparison": (BASE + "targets: {all: {tokens: 3}}\n", "x.yaml:5: "),
    # Each would hold, or fail, whatever is measured.
    "targets: a share of an amount": (
        BASE + "targets: {all: {seconds: '>= 10 %'}}\n",
        "x.yaml:5: seconds is not a share: '>= 10 %'"),
    "targets: a share of a number of its own": (
        BASE + "targets: {all: {savings: '>= 10 %'}}\n", "x.yaml:5: savings is not a sh"),
    "targets: a rate beyond the whole": (
        BASE + "targets: {all: {defect_rate: '<= 5'}}\n", "x.yaml:5: no defect_rate is beyond"),
    "targets: a rate below nothing": (
        BASE + "targets: {all: {defect_rate: '>= -1 %'}}\n", "x.yaml:5: no defect_rate is beyo"),
    "targets: a reduction by more than the whole": (
        BASE + "targets: {all: {token_reduction: '<= 75'}}\n", "x.yaml:5: no token_reduction"),
    # A broken series would be a test that passes.
    **{
        f"marks: {mark} of pytest": (BASE + f"marks: [{mark}]\n", f"x.yaml:5: marks.0: {mark!r} is")
        for mark in ("xfail", "skip", "parametrize")
    },
    # Nothing would ever hold it against a measurement.
    "targets: of what is not run": (
        BASE + "design: named\ncombinations: [none]\ntargets: {all: {tokens: '<= 5'}}\n",
        "x.yaml:7: 'all'"),
    # It would write outside the folder of cassettes.
    "provider: a path": (
        BASE + "provider: {name: ../../elsewhere}\n", "x.yaml:5: provider.name is '../../elsew"),
    "provider: more values than trials": (
        BASE + "trials: 2\nprovider: {name: p, settings: {by_trial: {cut_off: [0, 0.1, 1]}}}\n",
        "x.yaml:6: cut_off has 3 values for 2 trials"),
    "a key that stands twice": (BASE + "title: again\n", "x.yaml:5: duplicate key 'title'"),
    "a list": ("- a\n- b\n", "x.yaml:1: the file contains a list"),
    "words": ("just words\n", "x.yaml:1: the file contains text"),
    "nothing": ("", "x.yaml: the file is empty"),
    "not YAML": ("title: [\n", "x.yaml:2: not valid YAML"),
}  # fmt: skip


@pytest.mark.parametrize(("text", "told"), MISTAKES.values(), ids=MISTAKES)
def test_each_mistake_alone(refused: Callable[[str], list[str]], text: str, told: str) -> None:
    """What is wrong, and where; never a traceback."""
    assert refused(text)[0].startswith(told)


def test_spaces_and_other_letters_in_path_and_text(tmp_path: Path) -> None:
    """A scenario may live anywhere and speak any language."""
    path = tmp_path / "meus cenários" / "criação de você.yaml"
    path.parent.mkdir()
    path.write_text(
        BASE.replace("title: t", "title: Criação — 学生").replace(
            "[x]", "['Crie um Estudante 🎓']"
        ),
        encoding="utf-8",
    )
    one = loading.load(path)
    assert (one.name, one.title) == ("criação de você", "Criação — 学生")
    assert one.requests == ("Crie um Estudante 🎓",)


def test_a_mistake_in_such_a_path_names_the_path(tmp_path: Path) -> None:
    """As it is, with its blanks and letters."""
    path = tmp_path / "meus cenários" / "x y.yaml"
    path.parent.mkdir()
    path.write_text(BASE + "modle: m\n")
    with pytest.raises(InputError) as caught:
        loading.load(path)
    assert str(caught.value) == (f"{path}:5: unknown key 'modle'\n    expected: model")


def test_targets_of_one_combination_under_two_names_are_all_kept(
    loaded: Callable[[str], loading.Scenario],
) -> None:
    """`all` and `short+parallel` are the same series."""
    one = loaded(BASE + "targets: {all: {tokens: '<= 5'}, short+parallel: {seconds: '<= 6'}}\n")
    assert [target.metric for target in one.targets["all"]] == ["tokens", "seconds"]


def test_a_metric_of_the_subjects_own_may_contain_the_name_of_another(
    loaded: Callable[[str], loading.Scenario],
) -> None:
    """Whoever writes `own_seconds` has not mistyped `seconds`."""
    bounds = "own_seconds: '<= 9', tokens_saved: '>= 1', lint_calls: '<= 2'"
    targets = loaded(BASE + f"targets: {{all: {{{bounds}}}}}\n").targets["all"]
    assert [target.metric for target in targets] == ["own_seconds", "tokens_saved", "lint_calls"]


def test_rates_of_the_subject_may_be_promised(
    loaded: Callable[[str], loading.Scenario],
) -> None:
    """Their names are the subject's, so any `_rate` is taken."""
    one = loaded(BASE + "targets: {short: {short_rate: '>= 100 %'}}\n")
    assert one.targets["short"][0].metric == "short_rate"


def test_a_scenario_without_factors_keeps_its_targets(
    loaded: Callable[[str], loading.Scenario], subject_module: Callable[[str], str]
) -> None:
    """A subject without flags is measured too, and its `none` may promise something."""
    plain = subject_module("async def run(*_, **__): ...\n")
    one = loaded(BASE.replace("tiny.write", plain) + "targets: {none: {tokens: '<= 5'}}\n")
    assert "none" in one.targets


def test_a_scenario_without_factors_refuses_an_unknown_combination(
    refused: Callable[[str], list[str]], subject_module: Callable[[str], str]
) -> None:
    """A name of nothing is a mistake here too."""
    plain = subject_module("async def run(*_, **__): ...\n")
    refused(BASE.replace("tiny.write", plain) + "combinations: [chache]\n")


FILED = BASE.replace("[x]", "[{file: erds/größe.json}, x]")


def test_a_request_may_be_the_content_of_a_file(
    loaded: Callable[[str], loading.Scenario], tmp_path: Path
) -> None:
    """Named from the scenario's folder, wherever pytest was started."""
    (tmp_path / "erds").mkdir()
    (tmp_path / "erds" / "größe.json").write_text('{"name": "größe"}\n', encoding="utf-8")
    assert loaded(FILED).requests == ('{"name": "größe"}\n', "x")


def test_a_file_that_cannot_be_read_is_named_with_its_line(
    refused: Callable[[str], list[str]], tmp_path: Path
) -> None:
    """Missing, empty, or of another key."""
    missing, right = refused(FILED)
    assert missing.startswith("x.yaml:4: erds/größe.json: cannot be read: ")
    assert right == "    expected: a text file of this project, relative to the scenario's folder"
    (tmp_path / "erds").mkdir()
    (tmp_path / "erds" / "größe.json").write_text("\n")
    assert refused(FILED)[0] == "x.yaml:4: erds/größe.json is empty"
    assert refused(BASE.replace("[x]", "[{fil: a}]")) == [
        "x.yaml:4: requests.0: unknown key 'fil'",
        "    expected: file",
    ]


def test_a_request_may_be_several_files(
    loaded: Callable[[str], loading.Scenario], refused: Callable[[str], list[str]], tmp_path: Path
) -> None:
    """Its documents; the problem of one that cannot be read has its line."""
    text = BASE.replace("[x]", "[{file: a.yaml, with: [b.yaml]}]")
    (tmp_path / "a.yaml").write_text("a: 1\n")
    assert refused(text)[0].startswith("x.yaml:4: b.yaml: cannot be read: ")
    system = f"{text}acceptance: enterprise-system\n"
    assert len(refused(system)) == 2, "the rest is not held against the schema of a brief"
    (tmp_path / "b.yaml").write_text("b: 2\n")
    assert loaded(text).requests == ("a: 1\n---\nb: 2\n",)


PROJECT = BASE + "acceptance: django-project\n"
ERD = '{"name": "shop", "entities": [{"name": "Product", "fields": []}]}'
SYSTEM = BASE + "acceptance: enterprise-system\n"
BRIEF = (
    "{name: shop, tech_stack: {language: Python, framework: Flask}, "
    "system_design: {scale: startup, deployment: compose}, "
    "requirements_analysis: {domain: e-commerce}}"
)


def test_a_wrong_definition_is_told_in_its_file(
    loaded: Callable[[str], loading.Scenario], refused: Callable[[str], list[str]], tmp_path: Path
) -> None:
    """By its line there; a brief with what it names is one to be proven."""
    text = SYSTEM.replace("[x]", "[{file: brief.yaml, with: [trade.yaml]}]")
    (tmp_path / "brief.yaml").write_text(BRIEF.replace("e-commerce", "trade"))
    (tmp_path / "trade.yaml").write_text("domain: trade\nentities:\n  Deal: {sum: nummber}\n")
    assert refused(text) == [
        "trade.yaml:3: Deal.sum has an unknown type, nummber",
        "    expected: one of text, integer, number, boolean, email, Deal",
    ]
    (tmp_path / "trade.yaml").write_text("domain: trade\nentities:\n  Deal: {sum: number}\n")
    (brief,) = loaded(text).acceptance
    assert isinstance(brief, Brief)
    assert [entity.table for entity in brief.entities] == ["deals"]


@pytest.mark.parametrize(("scenario", "request_text"), [(PROJECT, ERD), (SYSTEM, BRIEF)])
def test_requests_may_specify_projects_themselves(
    loaded: Callable[[str], loading.Scenario], scenario: str, request_text: str
) -> None:
    """What is expected is read from the request."""
    one = loaded(scenario.replace("[x]", f"['{request_text}']"))
    assert [each.name for each in one.acceptance] == ["shop"]
    assert one.entities == ()


@pytest.mark.parametrize(
    ("scenario", "what", "expected"),
    [(PROJECT, "an ERD", "an ERD in JSON (`flagbench erd` checks it)"),
     (SYSTEM, "a brief", "a brief in YAML")],
)  # fmt: skip
def test_a_request_that_specifies_no_project_is_a_mistake(
    refused: Callable[[str], list[str]], scenario: str, what: str, expected: str
) -> None:
    """At the request's own line."""
    told = refused(scenario)
    assert told[0].startswith(f"x.yaml:4: not {what}: ")
    assert told[-1] == f"    expected: {expected}"


def test_an_unknown_kind_of_project_is_told(refused: Callable[[str], list[str]]) -> None:
    """With what there is."""
    assert refused(BASE + "acceptance: rails-project\n") == [
        "x.yaml:5: acceptance is 'rails-project'",
        "    expected: 'django-project', 'enterprise-system' or 'optimizer-work'",
    ]


BOARD = "dashboard: {of: short, bars: {tokens: {value: 9, better: lower, advice: shorten it}}}\n"


def test_a_dashboard_is_of_one_series(loaded: Callable[[str], loading.Scenario]) -> None:
    """Its bars decide nothing."""
    board = loaded(BASE + BOARD).dashboard
    assert board is not None
    assert (board.combination, board.thresholds["tokens"].value) == ("short", 9)


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [("short", "shrt", "unknown flag 'shrt'"),
     ("tokens", "tokns", "unknown metric 'tokns'"),
     ("lower", "less", "dashboard.bars.tokens.better is 'less'"),
     ("advice", "advise", "dashboard.bars.tokens: unknown key 'advise'")],
)  # fmt: skip
def test_mistakes_in_a_dashboard(
    refused: Callable[[str], list[str]], old: str, new: str, told: str
) -> None:
    """With the line."""
    assert f"x.yaml:5: {told}" in refused(BASE + BOARD.replace(old, new))


def test_a_dashboard_of_a_series_that_is_not_run(refused: Callable[[str], list[str]]) -> None:
    """Nobody would ever see it."""
    told = refused(BASE + BOARD + "design: named\ncombinations: [none]\n")
    assert told == ["x.yaml:5: 'short' is not run", "    expected: combinations: [short]"]


def test_a_sweep_is_of_the_simulated_provider(loaded: Callable[[str], loading.Scenario]) -> None:
    """A value for each trial, the last one again and again; a real provider is as it is."""
    text = BASE + "trials: 3\nprovider: {name: PROVIDER, settings: {by_trial: {hang: [0, 0.5]}}}\n"
    swept = loaded(text.replace("PROVIDER", "simulated"))
    assert swept.swept_settings == {"hang": [0.0, 0.5, 0.5]}
    assert swept.pictured_trial == 3
    real = loaded(text.replace("PROVIDER", "openai"))
    assert real.swept_settings == {}
    assert real.pictured_trial == 1


@pytest.mark.parametrize(
    ("setting", "told"),
    [
        ("defects: '2'", "provider.settings.defects is '2'"),
        ("hang: true", "provider.settings.hang is true"),
        ("seed: 1.0", "provider.settings.seed is 1.0"),
    ],
)
def test_settings_of_the_provider_have_their_types(
    refused: Callable[[str], list[str]], setting: str, told: str
) -> None:
    """Text is not a number and a truth value neither, unlike on the command line."""
    text = f"{BASE}provider:\n  name: simulated\n  settings:\n    {setting}\n"
    assert refused(text)[0].startswith(f"x.yaml:8: {told}")


OWN = "acceptance:\n  kinds:\n    sql:\n"
COMMAND = "      run: [sqlite3, '{file}']\n"
VERSION = "      version: [sqlite3, --version]\n"


def test_a_scenario_may_have_checks_of_its_own(loaded: Callable[[str], loading.Scenario]) -> None:
    """Every request has them; without them a scenario has none."""
    own = loaded(
        BASE.replace("[x]", "[x, y]") + OWN + COMMAND + VERSION + "      reads: [x.yaml]\n"
    )
    assert [type(each) for each in own.acceptance] == [OwnChecks, OwnChecks]
    assert own.entities == ()


@pytest.mark.parametrize(
    ("check", "told"),
    [
        (COMMAND, "version (a command) with run"),
        (VERSION, "either run (a command) or judge"),
        (COMMAND + VERSION + "      judge: a.b\n", "either run (a command) or judge"),
        ("      judge: not a path\n", "judge"),
        ("      run: []\n" + VERSION, "run"),
        (COMMAND + VERSION + "      spec: 3\n", "spec is for a judge"),
        (COMMAND + VERSION + "      reads: [../other]\n", "beneath the scenario's folder"),
        (COMMAND + VERSION + "      reads: [not-there]\n", "not-there does not exist"),
        (COMMAND + VERSION + "      timeout_seconds: 0\n", "timeout_seconds"),
        (COMMAND + VERSION + "      timeout: 3\n", "timeout"),
    ],
)
def test_mistakes_in_an_own_check(
    refused: Callable[[str], list[str]], check: str, told: str
) -> None:
    """Each is named, with its line."""
    text = "\n".join(refused(BASE + OWN + check))
    assert told in text
    assert text.startswith("x.yaml:")
