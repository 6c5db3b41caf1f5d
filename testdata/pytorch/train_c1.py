"""Trains C1 in PyTorch as 'noiseprobe run -model c1' does, to compare accuracies:

    python3 train_c1.py CIFAR_DIR [--alpha A] [--batch B] [--epochs E] [--seed S] [--test N]

CIFAR_DIR holds the binary layout of CIFAR-10 (data_batch_*.bin, test_batch.bin, also as .gz); the training batches that are there are
used. Glorot-uniform weights, ghost batch normalisation of 100 (biased variance, eps 1e-5, running statistics with momentum 0.1 and
unbiased variance, B and B' in groups of their own), Adam (1e-3, 0.9, 0.999, eps 1e-8), minibatches from a new permutation every epoch,
one for B and one for B'. Prints one JSON line an epoch.
"""
import argparse, glob, gzip, json, os, time
import numpy as np, torch, torch.nn as nn, torch.nn.functional as F

GHOST = 100


class GhostNorm(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.weight, self.bias = nn.Parameter(torch.ones(c)), nn.Parameter(torch.zeros(c))
        self.register_buffer("mean", torch.zeros(c))
        self.register_buffer("var", torch.ones(c))
        self.batch = None  # B: groups do not reach from B into B'

    def forward(self, x):
        if not self.training:
            return F.batch_norm(x, self.mean, self.var, self.weight, self.bias, False)
        groups = [g for half in x.split(self.batch) for g in half.split(GHOST)]
        return torch.cat([F.batch_norm(g, self.mean, self.var, self.weight, self.bias, True, 0.1) for g in groups])


def c1():
    layers, c = [], 3
    for width in (64, 128, 256):
        for _ in range(3):
            layers += [nn.Conv2d(c, width, 3, padding=1, bias=False), GhostNorm(width), nn.ReLU()]
            c = width
        layers.append(nn.MaxPool2d(2))
    layers += [nn.Flatten(), nn.Linear(c * 16, 10)]
    model = nn.Sequential(*layers)
    for layer in model:
        if isinstance(layer, (nn.Conv2d, nn.Linear)):
            nn.init.xavier_uniform_(layer.weight)
        if isinstance(layer, nn.Linear):
            nn.init.zeros_(layer.bias)
    return model


def read(paths):
    raw = b"".join((gzip.open if p.endswith(".gz") else open)(p, "rb").read() for p in paths)
    records = np.frombuffer(raw, np.uint8).reshape(-1, 3073)
    x = torch.from_numpy(records[:, 1:].reshape(-1, 3, 32, 32).astype(np.float32) / 255)
    return x, torch.from_numpy(records[:, 0].astype(np.int64))


def find(folder, name):
    return sorted(p for p in glob.glob(os.path.join(folder, name + "*")) if p.endswith((".bin", ".bin.gz")))


arguments = argparse.ArgumentParser()
arguments.add_argument("folder")
arguments.add_argument("--alpha", type=float, default=1)
arguments.add_argument("--batch", type=int, default=100)
arguments.add_argument("--epochs", type=int, default=3)
arguments.add_argument("--seed", type=int, default=1)
arguments.add_argument("--test", type=int, default=2000, help="test samples, evenly spaced")
args = arguments.parse_args()

torch.manual_seed(args.seed)
torch.set_num_threads(len(os.sched_getaffinity(0)))
x, y = read(find(args.folder, "data_batch_"))
xt, yt = read(find(args.folder, "test_batch"))
keep = torch.arange(args.test) * len(xt) // args.test
xt, yt = xt[keep], yt[keep]
model = c1()
for layer in model:
    if isinstance(layer, GhostNorm):
        layer.batch = args.batch
optimizer = torch.optim.Adam(model.parameters(), lr=1e-3, eps=1e-8)
weight = torch.full((args.batch,), args.alpha / args.batch)
if args.alpha != 1:
    weight = torch.cat([weight, torch.full((args.batch,), (1 - args.alpha) / args.batch)])
step, start = 0, time.perf_counter()
for epoch in range(1, args.epochs + 1):
    model.train()
    first, second = torch.randperm(len(x)), torch.randperm(len(x))
    total = 0.0
    for at in range(0, len(x) - args.batch + 1, args.batch):
        index = first[at:at + args.batch]
        if args.alpha != 1:
            index = torch.cat([index, second[at:at + args.batch]])
        losses = F.cross_entropy(model(x[index]), y[index], reduction="none")
        optimizer.zero_grad()
        (losses * weight).sum().backward()
        optimizer.step()
        total += losses.mean().item()
        step += 1
    model.eval()
    with torch.no_grad():
        logits = torch.cat([model(part) for part in xt.split(100)])
    print(json.dumps(dict(epoch=epoch, step=step, minibatch_loss=total / (len(x) // args.batch),
                          test_loss=F.cross_entropy(logits, yt).item(),
                          test_accuracy=(logits.argmax(1) == yt).float().mean().item(),
                          seconds=time.perf_counter() - start)), flush=True)
