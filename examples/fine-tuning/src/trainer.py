"""Training with transformers, on the GPU if there is one."""
import os
import pathlib

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer


class Trainer:
    def __init__(self, texts: list, checkpoint):
        source = str(checkpoint or os.environ["MODEL"])
        self.texts = texts
        self.device = "cuda" if torch.cuda.is_available() else "cpu"
        self.tokenizer = AutoTokenizer.from_pretrained(source)
        self.model = AutoModelForCausalLM.from_pretrained(source).to(self.device)
        self.optimizer = torch.optim.AdamW(self.model.parameters(), lr=2e-5)
        if checkpoint:
            self.optimizer.load_state_dict(torch.load(checkpoint / "optimizer.pt", map_location=self.device))

    def step(self, step: int) -> float:
        text = self.texts[step % len(self.texts)]
        batch = self.tokenizer(text, return_tensors="pt", truncation=True, max_length=512).to(self.device)
        loss = self.model(**batch, labels=batch["input_ids"]).loss
        loss.backward()
        self.optimizer.step()
        self.optimizer.zero_grad()
        return loss.item()

    def save(self, folder: pathlib.Path) -> None:
        self.model.save_pretrained(folder)
        self.tokenizer.save_pretrained(folder)
        torch.save(self.optimizer.state_dict(), folder / "optimizer.pt")
