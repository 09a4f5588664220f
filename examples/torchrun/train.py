"""Fits a line on all GPUs of all nodes: each process has its own points, and the gradients are averaged."""
import json
import os

import torch
import torch.distributed as dist
from torch.nn.parallel import DistributedDataParallel

cuda = torch.cuda.is_available()
dist.init_process_group("nccl" if cuda else "gloo")
rank = dist.get_rank()
device = torch.device("cuda", int(os.environ["LOCAL_RANK"])) if cuda else torch.device("cpu")
torch.manual_seed(rank)

model = torch.nn.Linear(1, 1).to(device)
parallel = DistributedDataParallel(model, device_ids=[device.index] if cuda else None)
optimizer = torch.optim.SGD(parallel.parameters(), lr=0.5)
x = torch.rand(256, 1, device=device)
y = 3 * x + 1
for step in range(int(os.environ["STEPS"])):
    loss = torch.nn.functional.mse_loss(parallel(x), y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
if rank == 0:
    print(f"{dist.get_world_size()} processes: slope {model.weight.item():.2f}, offset {model.bias.item():.2f}")
    with open("model.json", "w") as file:
        json.dump({"slope": model.weight.item(), "offset": model.bias.item()}, file)
dist.destroy_process_group()
