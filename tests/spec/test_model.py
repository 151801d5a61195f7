"""The model keeps the meanings, whatever happens in whatever order."""

from .machine import make_machine
from .model import Model
from .scenarios import each_story, tell

TestModelKeepsTheMeanings = make_machine(Model, max_examples=100)


@each_story()
def test_story(story):
    tell(story, Model())
