"""The model keeps the meanings, whatever happens in whatever order."""

from .machine import make_machine
from .model import Model

TestModelKeepsTheMeanings = make_machine(Model, max_examples=200)
