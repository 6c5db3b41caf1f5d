"""Trains the paper's F1 on Fashion-MNIST to convergence in PyTorch, several seeds at once, to compare accuracies and convergence times:

    python3 paper_f1.py FASHION_MNIST_DIR --rows 1:900 1.5:2000 [--seeds S] [--first F] [--epochs E] [--limit SECONDS]

A row is alpha:B. Independent of noiseprobe in everything but the protocol: Glorot-uniform weights, zero biases, Adam (1e-3, 0.9,
0.999, eps 1e-8), alpha grad L_B + (1 - alpha) grad L_B' in one weighted pass, minibatches from a new permutation every epoch, one for B
and one for B'; the learning rate is halved when the mean minibatch loss of an epoch is at most L* = 0.01, and a seed has converged
when it is below L** = 0.001. The seeds of a row are slices of batched products, in float32 (no TF32). Prints one JSON line a seed:
steps, test accuracy and, over the whole training set, loss and exact trace of the covariance (divisor N) at convergence.
"""
import argparse, gzip, json, math, os, time
import numpy as np, torch

torch.backends.cuda.matmul.allow_tf32 = False
HIDDEN, CLASSES, LSTAR, LSTOP = [500] * 7, 10, 0.01, 0.001


def read(folder, name, offset):
    raw = gzip.open(os.path.join(folder, name + ".gz"), "rb").read()
    return np.frombuffer(raw, np.uint8, offset=offset)


class Seeds:
    """S networks with parameters [S, out, in] and [S, 1, out]."""

    def __init__(self, sizes, seeds, first, device):
        self.seeds, self.params = seeds, []
        for fan_in, fan_out in zip(sizes, sizes[1:]):
            bound, layers = math.sqrt(6 / (fan_in + fan_out)), []
            for s in range(seeds):
                g = torch.Generator().manual_seed(1_000_003 * (first + s) + len(self.params))
                layers.append((torch.rand(fan_out, fan_in, generator=g) * 2 - 1) * bound)
            self.params += [torch.stack(layers).to(device).requires_grad_(), torch.zeros(seeds, 1, fan_out, device=device, requires_grad=True)]

    def forward(self, x, kept=None):
        last = len(self.params) // 2 - 1
        for k in range(last + 1):
            z = torch.baddbmm(self.params[2 * k + 1], x, self.params[2 * k].transpose(1, 2))
            if kept is not None:
                kept.append((x, z))
            x = z if k == last else z.relu()
        return x


def losses(logits, y):
    return torch.logsumexp(logits, 2) - logits.gather(2, y.unsqueeze(2)).squeeze(2)


class Trainer:
    def __init__(self, net, x, y, alpha, batch):
        self.net, self.x, self.y, self.batch = net, x, y, batch
        device, s = x.device, net.seeds
        w = [alpha / batch] * batch + ([] if alpha == 1 else [(1 - alpha) / batch] * batch)
        self.weight = torch.tensor(w, device=device)
        self.index = torch.zeros(s, len(w), dtype=torch.long, device=device)
        self.rate = torch.full((s, 1, 1), 1e-3, device=device)
        self.m = [torch.zeros_like(p) for p in net.params]
        self.v = [torch.zeros_like(p) for p in net.params]
        self.count = torch.zeros((), device=device)
        self.total = torch.zeros(s, device=device)
        self.graph = None

    def step(self):
        each = losses(self.net.forward(self.x[self.index]), self.y[self.index])
        grads = torch.autograd.grad((each * self.weight).sum(), self.net.params)
        with torch.no_grad():
            self.total += each.mean(1)
            self.count += 1
            c1, c2 = 1 - 0.9 ** self.count, 1 - 0.999 ** self.count
            for p, g, m, v in zip(self.net.params, grads, self.m, self.v):
                m.mul_(0.9).add_(g, alpha=0.1)
                v.mul_(0.999).addcmul_(g, g, value=0.001)
                p.sub_(self.rate * (m / c1) / ((v / c2).sqrt() + 1e-8))

    def capture(self):
        """Makes the step a CUDA graph; what the warm-up changed is put back."""
        changed = self.net.params + self.m + self.v + [self.count, self.total]
        saved = [t.detach().clone() for t in changed]
        side = torch.cuda.Stream()
        side.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(side):
            for _ in range(3):
                self.step()
        torch.cuda.current_stream().wait_stream(side)
        self.graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(self.graph):
            self.step()
        with torch.no_grad():
            for t, old in zip(changed, saved):
                t.copy_(old)

    def epoch(self, generator):
        n, s, b = len(self.x), self.net.seeds, self.batch
        orders = [torch.rand(s, n, device=self.x.device, generator=generator).argsort(1) for _ in range(1 if len(self.weight) == b else 2)]
        self.total.zero_()
        for at in range(0, n - b + 1, b):
            self.index.copy_(torch.cat([o[:, at:at + b] for o in orders], 1))
            self.graph.replay() if self.graph else self.step()
        return (self.total / (n // b)).tolist()


def measure(net, x, y, xt, yt):
    """Test accuracy, training loss and tr Sigma of every seed; a sample's squared gradient is sum |delta|^2 (|a|^2 + 1)."""
    s, n = net.seeds, len(x)
    loss, square = torch.zeros(s, device=x.device), torch.zeros(s, device=x.device, dtype=torch.float64)
    mean = [torch.zeros_like(p) for p in net.params]
    for at in range(0, n, 5000):
        kept = []
        each = losses(net.forward(x[at:at + 5000].expand(s, -1, -1), kept), y[at:at + 5000].expand(s, -1))
        grads = torch.autograd.grad(each.sum(), [z for _, z in kept] + net.params)
        with torch.no_grad():
            loss += each.sum(1) / n
            for (a, _), d in zip(kept, grads):
                square += ((d * d).sum(2) * ((a * a).sum(2) + 1)).double().sum(1) / n
            for total, g in zip(mean, grads[len(kept):]):
                total += g / n
    with torch.no_grad():
        right = sum((net.forward(p.expand(s, -1, -1)).argmax(2) == q).sum(1) for p, q in zip(xt.split(5000), yt.split(5000)))
        centre = sum((g.double() ** 2).sum((1, 2)) for g in mean)
    return (right / len(xt)).tolist(), loss.tolist(), (square - centre).tolist(), centre.tolist()


arguments = argparse.ArgumentParser()
arguments.add_argument("folder")
arguments.add_argument("--rows", nargs="+", default=["1:900"])
arguments.add_argument("--seeds", type=int, default=10)
arguments.add_argument("--first", type=int, default=1, help="first seed")
arguments.add_argument("--epochs", type=int, default=1000)
arguments.add_argument("--limit", type=float, default=1e9, help="seconds after which no row begins")
args = arguments.parse_args()

device = "cuda" if torch.cuda.is_available() else "cpu"
x = torch.from_numpy(read(args.folder, "train-images-idx3-ubyte", 16).reshape(-1, 784).astype(np.float32) / 255).to(device)
y = torch.from_numpy(read(args.folder, "train-labels-idx1-ubyte", 8).astype(np.int64)).to(device)
xt = torch.from_numpy(read(args.folder, "t10k-images-idx3-ubyte", 16).reshape(-1, 784).astype(np.float32) / 255).to(device)
yt = torch.from_numpy(read(args.folder, "t10k-labels-idx1-ubyte", 8).astype(np.int64)).to(device)
begun = time.perf_counter()
for row in args.rows:
    if time.perf_counter() - begun > args.limit:
        break
    alpha, batch = float(row.split(":")[0]), int(row.split(":")[1])
    net = Seeds([784] + HIDDEN + [CLASSES], args.seeds, args.first, device)
    trainer = Trainer(net, x, y, alpha, batch)
    if device == "cuda":
        trainer.capture()
    generator = torch.Generator(device=device).manual_seed(7 + args.first)
    over, start = [False] * args.seeds, time.perf_counter()
    for epoch in range(1, args.epochs + 1):
        mean = trainer.epoch(generator)
        newly = [s for s in range(args.seeds) if not over[s] and (mean[s] < LSTOP or epoch == args.epochs or math.isnan(mean[s]))]
        if newly:
            accuracy, loss, trace, squared = measure(net, x, y, xt, yt)
        for s in newly:
            over[s] = True
            print(json.dumps(dict(alpha=alpha, batch=batch, seed=args.first + s, converged=mean[s] < LSTOP, steps=int(trainer.count), epochs=epoch,
                                  test_accuracy=round(accuracy[s], 4), minibatch_loss=mean[s], train_loss=loss[s], trace=trace[s],
                                  gradient_norm_sq=squared[s], seconds=round(time.perf_counter() - start, 1))), flush=True)
        if all(over):
            break
        for s in range(args.seeds):
            if mean[s] <= LSTAR:
                trainer.rate[s] = 5e-4
    del net, trainer
