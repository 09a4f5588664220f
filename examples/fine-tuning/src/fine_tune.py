"""Fine-tunes a language model on the lines of texts.txt, and continues from the latest checkpoint if there is one."""
import os
import pathlib
import shutil

if os.environ.get("SMALL"):
    from stand_in import Trainer
else:
    from trainer import Trainer

steps = int(os.environ["STEPS"])
save_every = int(os.environ["SAVE_EVERY"])
checkpoints = pathlib.Path("checkpoints")
texts = (pathlib.Path(__file__).parent / "texts.txt").read_text().splitlines()


def save(step: int) -> None:
    """The folder is copied while this runs, so it gets its name only when it is complete."""
    temporary = checkpoints / f"writing-{step}"
    trainer.save(temporary)
    temporary.rename(checkpoints / str(step))
    for older in checkpoints.iterdir():
        if older.name != str(step):
            shutil.rmtree(older)


checkpoints.mkdir(exist_ok=True)
done = max((int(folder.name) for folder in checkpoints.iterdir() if folder.name.isdigit()), default=0)
trainer = Trainer(texts, checkpoints / str(done) if done else None)
print(f"continuing after step {done}" if done else "starting", flush=True)
for step in range(done + 1, steps + 1):
    loss = trainer.step(step)
    if step % save_every == 0 or step == steps:
        print(f"step {step} of {steps}: loss {loss:.3f}", flush=True)
        save(step)
trainer.save(pathlib.Path("model"))
