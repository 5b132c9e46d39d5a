"""Why a request is not recorded: the nearest one, the JSON path, the words that differ."""

import json
from pathlib import Path

from interactions import interaction

from flagbench.cassette import mismatch
from flagbench.cassette.cassette import Cassette, Interaction, request_digest
from flagbench.cassette.vcr_adapter import SentRequest

PROMPT = "You are an engineer.\nWrite the file app/routes/student.py now.\nAnswer with code."


def chat(text: str, **more: object) -> bytes:
    """The body of a chat completion."""
    return json.dumps(
        {"model": "m", "messages": [{"role": "user", "content": text}], **more}
    ).encode()


def recorded(*texts: str) -> Cassette:
    """A cassette of these prompts."""
    return Cassette.of(
        Path("c/1.yaml"), {}, [interaction(request_body=chat(text)) for text in texts]
    )


def asked(body: bytes, occurrence: int = 0, path: str = "/v1/chat/completions") -> SentRequest:
    """What a subject asks."""
    return SentRequest("POST", path, body, request_digest("POST", path, body), occurrence)


def told(cassette: Cassette, one: SentRequest) -> str:
    """The error's text."""
    return str(
        mismatch.explain(cassette, one, where="s.yaml::none trial 1", record_command="flagbench r")
    )


def lines_of(body: bytes, other: bytes) -> list[str]:
    """The differences of one recorded body and one that is asked."""
    one: Interaction = interaction(request_body=body)
    return list(mismatch.differences(one.path, json.loads(other), one))


def test_one_changed_word_is_named_with_its_line_and_the_words_before() -> None:
    """The whole message, to the letter."""
    cassette = recorded("Something else entirely.", PROMPT)
    changed = PROMPT.replace("student.py now", "student.py today")
    assert told(cassette, asked(chat(changed))) == (
        "s.yaml::none trial 1 (c/1.yaml): POST /v1/chat/completions is not recorded; "
        "the nearest is interaction 2, which differs at\n"
        '      $.messages[0].content line 2: after "Write the file app/routes/student.py": '
        'recorded "now.", sent "today."\n'
        "    expected: the prompt as it was recorded, or a recording of the prompt as it is "
        "now\n"
        "    fix: flagbench r"
    )


def test_the_nearest_is_the_one_that_shares_the_most_lines() -> None:
    """The first of several that are as near."""
    cassette = recorded("a\nb\nx", "a\nb\nc\ny", "a\nb\nc\nz")
    assert mismatch.nearest(cassette, asked(chat("a\nb\nc\nd"))) == 1


def test_the_nearest_of_prompts_of_one_line_shares_the_most_words() -> None:
    """A recogniser's prompt is one line; the first recorded one is not the nearest of all."""
    cassette = recorded(
        "Create a Teacher", "Relate students to courses", "Create a Course with level"
    )
    assert mismatch.nearest(cassette, asked(chat("Relate students to some courses"))) == 1


def test_every_difference_has_its_json_path() -> None:
    """Another value, a key more, a key less, a message more, a message less."""
    body = {"model": "m", "n": 1, "messages": [{"role": "user"}], "stop": None}
    other = {
        "model": "m2",
        "messages": [{"role": "user"}, {"role": "tool"}],
        "top_p": 0.5,
        "n": "1",
    }
    lines = lines_of(json.dumps(body).encode(), json.dumps(other).encode())
    assert lines == [
        '$.messages[1]: not recorded, sent {"role": "tool"}',
        '$.model line 1: after "": recorded "m", sent "m2"',
        '$.n: recorded 1, sent "1"',
        "$.stop: recorded null, not sent",
        "$.top_p: not recorded, sent 0.5",
    ]
    assert lines_of(chat("a"), b'{"model": "m", "messages": []}') == [
        '$.messages[0]: recorded {"role": "user", "content": "a"}, not sent'
    ]


def test_words_that_were_added_or_removed() -> None:
    """Each run of words in its place."""
    assert lines_of(chat("one two three"), chat("one three")) == [
        '$.messages[0].content line 1: after "one": recorded "two", sent ""'
    ]
    assert lines_of(chat("one\nthree"), chat("one\ntwo\nthree")) == [
        '$.messages[0].content line 2: after "one": recorded "", sent "two"'
    ]


def test_another_path_is_a_difference() -> None:
    """Even when the body is the same."""
    (line,) = mismatch.differences(
        "/v1/models", json.loads(chat("a")), interaction(request_body=chat("a"))
    )
    assert line == "path: recorded /v1/chat/completions, sent /v1/models"


def test_a_long_list_of_differences_is_cut_and_counted() -> None:
    """Six are shown."""
    text = told(recorded(" x ".join("abcdefghij")), asked(chat(" y ".join("abcdefghij"))))
    assert text.count("$.messages[0].content line 1") == 6
    assert "\n      and 3 more\n" in text


def test_a_long_text_is_shown_by_its_ends() -> None:
    """The error stays readable."""
    (line,) = lines_of(chat("a"), chat("b" + "c" * 500))
    assert " … " in line
    assert len(line) < 200


def test_one_repetition_more_than_was_recorded() -> None:
    """The request itself is there; only its third answer is not."""
    cassette = recorded("a", "b", "a")
    assert told(cassette, asked(chat("a"), occurrence=2)).startswith(
        "s.yaml::none trial 1 (c/1.yaml): the subject sent the same request 3 times; "
        "recorded answers: 2 (interaction 1)\n"
    )


def test_an_empty_cassette_says_that_it_is_empty() -> None:
    """There is no nearest."""
    assert "the cassette is empty" in told(recorded(), asked(chat("a")))


def test_bodies_that_are_no_json_are_compared_too() -> None:
    """As texts, whatever their bytes."""
    cassette = Cassette.of(Path("c"), {}, [interaction(request_body=b"plain \xff words")])
    assert 'recorded "words", sent "text"' in told(cassette, asked(b"plain \xff text"))


def test_the_nearest_has_the_same_instructions() -> None:
    """A reviewer's prompt holds the whole file, and is not the writer's for all that."""
    file = "\n".join(f"line {number}" for number in range(50))
    cassette = recorded(
        f"You review what others write.\n{file}", "You are the backend engineer.\nx"
    )
    sent = asked(chat(f"You are the backend engineer.\n{file}"))
    assert mismatch.nearest(cassette, sent) == 1


def test_no_differences_from_a_prompt_with_other_instructions() -> None:
    """Every word would be another."""
    assert (
        "the nearest is interaction 1, which has other instructions: 0% of their words are the same"
        in told(recorded("You review what others write."), asked(chat("Now patch this file:")))
    )
