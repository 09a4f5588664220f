"""Fits a line through noisy points by gradient descent. Put your training here, and read its settings from the environment."""
import json
import os
import random

learning_rate = float(os.environ["LEARNING_RATE"])
random.seed(int(os.environ["SEED"]))
points = [(x / 50, 3 * x / 50 + 1 + random.gauss(0, 0.1)) for x in range(50)]

slope = offset = loss = 0.0
for step in range(int(os.environ["STEPS"])):
    errors = [(slope * x + offset - y, x) for x, y in points]
    slope -= learning_rate * sum(error * x for error, x in errors) / len(points)
    offset -= learning_rate * sum(error for error, _ in errors) / len(points)
    loss = sum(error * error for error, _ in errors) / len(points)
print(f"learning rate {learning_rate}: loss {loss:.4f}")
with open("result.json", "w") as file:
    json.dump({"learning_rate": learning_rate, "loss": loss}, file)
