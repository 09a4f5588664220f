"""Compares what a model says of each line of reviews.jsonl with its label."""
import json
import os


def load_model():
    """Returns a function from texts to labels."""
    if os.environ.get("SMALL"):
        # A stand-in, where there is no GPU.
        return lambda texts: ["POSITIVE" if {"great", "good"} & set(text.strip(".").split()) else "NEGATIVE" for text in texts]
    import torch
    from transformers import pipeline

    classify = pipeline("text-classification", model=os.environ["MODEL"], device=0 if torch.cuda.is_available() else -1)
    return lambda texts: [result["label"] for result in classify(texts)]


with open("reviews.jsonl") as file:
    reviews = [json.loads(line) for line in file]
answers = load_model()([review["text"] for review in reviews])
right = sum(answer == review["label"] for answer, review in zip(answers, reviews))
print(f"{right} of {len(reviews)} are right")
with open("scores.json", "w") as file:
    json.dump({"accuracy": right / len(reviews), "answers": answers}, file)
