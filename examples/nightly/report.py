"""Measures how fast the instance multiplies matrices, and writes it down with the time. Put your nightly job here."""
import datetime
import json
import random
import time

try:
    import torch

    device = "cuda" if torch.cuda.is_available() else "cpu"
    matrix = torch.rand(1000, 1000, device=device)
    multiply = lambda: (matrix @ matrix).sum().item()
except ImportError:
    device = "cpu"
    rows = [[random.random() for _ in range(60)] for _ in range(60)]
    multiply = lambda: sum(sum(a * b for a, b in zip(row, column)) for row in rows for column in zip(*rows))

begin = time.monotonic()
for _ in range(10):
    multiply()
seconds = (time.monotonic() - begin) / 10
report = {"at": datetime.datetime.now(datetime.timezone.utc).isoformat(), "device": device, "seconds": seconds}
print(json.dumps(report))
with open("report.json", "w") as file:
    json.dump(report, file)
