"""Learns how often a letter follows another one. Takes the place of trainer.py where there is no GPU."""
import collections
import json
import math
import pathlib


class Trainer:
    def __init__(self, texts: list, checkpoint):
        self.texts = texts
        stored = json.loads((checkpoint / "pairs.json").read_text()) if checkpoint else {}
        self.pairs = collections.Counter(stored)

    def step(self, step: int) -> float:
        text = self.texts[step % len(self.texts)]
        pairs = [first + second for first, second in zip(text, text[1:])]
        self.pairs.update(pairs)
        return -sum(math.log(self.pairs[pair] / self.pairs.total()) for pair in pairs) / len(pairs)

    def save(self, folder: pathlib.Path) -> None:
        folder.mkdir(exist_ok=True)
        (folder / "pairs.json").write_text(json.dumps(self.pairs))
