"""Names in one writing, by sound, by their characters."""

import pytest

from linkage import names


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("欧阳　娜", "欧阳娜"),
        (" 张 伟 ", "张伟"),
        ("买买提•艾力", "买买提·艾力"),
        ("买买提 . 艾力", "买买提·艾力"),
        ("扎西‧多吉", "扎西·多吉"),
        ("maría  josé", "MARÍA JOSÉ"),
        ("Ａｎｎ Ｌｅｅ", "ANN LEE"),
        ("", None),
        ("   ", None),
        (None, None),
    ],
)
def test_a_name_has_one_writing(given, expected):
    assert names.written(given) == expected


@pytest.mark.parametrize(("one", "other"), [("张峰", "章锋"), ("李静", "李靖"), ("王喆", "王哲"), ("刘犇", "刘奔")])
def test_names_that_sound_the_same_have_one_sound(one, other):
    assert names.sound(one) == names.sound(other)


def test_a_character_without_a_known_sound_is_not_lost():
    assert names.sound("王\U00030001") != names.sound("王")


@pytest.mark.parametrize(("one", "other"), [("叶泽平", "泽平叶"), ("艾力·买买提", "买买提·艾力")])
def test_order_of_the_parts_plays_no_part(one, other):
    assert names.letters(one) == names.letters(other)


def test_other_characters_are_other_letters():
    assert names.letters("叶泽平") != names.letters("叶泽萍")
