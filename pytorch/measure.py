"""What record costs: python3 measure.py [resnet|gpt|mlp] [--wider K] [--keep FORM] [--samples N]

User time of a record of 256 samples, against one forward and backward pass of the same samples, on one thread, the least of some rounds; and the peak memory of the record. Prints one JSON line.
"""
import argparse
import json
import os
import resource
import tempfile
import time

import torch
from torch import nn

import noiseprobe
from test_noiseprobe import GPT, Residual, cross_entropy, mlp, token_loss


def resnet20(width):
    """He et al., for images of 32 by 32."""
    widths = [width] * 4 + [2 * width] * 3 + [4 * width] * 3
    blocks = [Residual(a, b, 1 if a == b else 2, nn.BatchNorm2d) for a, b in zip(widths, widths[1:])]
    head = [nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(4 * width, 5)]
    return nn.Sequential(nn.Conv2d(3, width, 3, 1, 1, bias=False), nn.BatchNorm2d(width), nn.ReLU(inplace=True), *blocks, *head)


def build(kind, n, wider):
    """Model, loss, x, y."""
    y = torch.randint(5, (n,))
    if kind == "resnet":
        return resnet20(16 * wider).eval(), cross_entropy, torch.randn(n, 3, 32, 32), y
    if kind == "mlp":
        return mlp(256 * wider), cross_entropy, torch.randn(n, 12), y
    ids = torch.randint(64, (n, 128))
    return GPT(64, 128, 128 * wider, 6, 4), token_loss, ids, ids.roll(-1, 1)


def user_time(do):
    start = os.times().user
    do()
    return os.times().user - start


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("kind", choices=["resnet", "gpt", "mlp"])
    parser.add_argument("--wider", type=int, default=1)
    parser.add_argument("--keep", default="auto")
    parser.add_argument("--samples", type=int, default=256)
    parser.add_argument("--chunk", type=int, default=1 << 30, help="samples in one forward and backward pass")
    parser.add_argument("--rounds", type=int, default=3)
    a = parser.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(0)
    model, loss, x, y = build(a.kind, a.samples, a.wider)

    def train():
        for at in range(0, a.samples, min(a.chunk, a.samples)):
            loss(model(x[at : at + a.chunk]), y[at : at + a.chunk]).sum().backward()

    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "record.safetensors")
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        records = [user_time(lambda: noiseprobe.record(path, model, loss, x, y, keep=a.keep)) for _ in range(a.rounds)]
        peak, size = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, os.path.getsize(path)
    passes = [max(user_time(train), 0.01) for _ in range(a.rounds)]  # the clock ticks every 0.01 s
    print(json.dumps({
        "model": a.kind, "wider": a.wider, "keep": a.keep, "parameters": sum(p.numel() for p in model.parameters()),
        "record_s": round(min(records), 2), "pass_s": round(min(passes), 2), "ratio": round(min(records) / min(passes), 2),
        "file_mb": round(size / 2**20, 1), "before_mb": round(before), "peak_mb": round(peak),
    }))


main()
