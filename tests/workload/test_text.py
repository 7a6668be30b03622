"""Text to tokens and tokens to numbers."""

import pytest

from sim.scenario.complaints import Refused
from sim.workload.text import Vocabulary, tokenise


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("", []),
        ("Lord's day", ["lord's", "day", "<eos>"]),
        ("Lord's day\n", ["lord's", "day", "<eos>"]),
        ("a\n\nb\n", ["a", "<eos>", "<eos>", "b", "<eos>"]),
        ("Why? (so!) 3-4:", ["why", "?", "(", "so", "!", ")", ":", "<eos>"]),
        ("A,b;\r\nC.\r\n", ["a", ",", "b", ";", "<eos>", "c", ".", "<eos>"]),
    ],
)
def test_text_becomes_lower_case_words_marks_and_ends_of_lines(text, tokens):
    assert tokenise(text) == tokens


def test_a_word_outside_the_vocabulary_is_unknown():
    vocabulary = Vocabulary(("the", "<unk>", "end"))
    assert vocabulary.ids(["end", "of", "the"]).tolist() == [2, 1, 0]


def test_a_vocabulary_of_a_text_numbers_words_by_first_appearance():
    vocabulary = Vocabulary.of_text(["b", "a", "b", "c"])
    assert vocabulary.words == ("b", "a", "c")
    assert vocabulary.unknown is None


def test_a_word_that_nothing_stands_for_is_refused():
    with pytest.raises(Refused, match=r"workload.text: the word 'of' is not in the vocabulary of 1 words"):
        Vocabulary(("the",)).ids(["the", "of"])
