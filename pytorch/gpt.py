"""Trains a small GPT on the characters of a text with noise enhancement, and records three checkpoints and direct draws on the way.

    python3 pytorch/gpt.py README.md gpt && noiseprobe analyze gpt/*.safetensors -out gpt/page
"""
import os
import sys

import torch
import torch.nn.functional as F
from torch import nn

import noiseprobe

T, width, heads, blocks, alpha, batch = 64, 64, 4, 2, 1.5, 16


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.ln1, self.ln2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.qkv, self.proj = nn.Linear(width, 3 * width, bias=False), nn.Linear(width, width, bias=False)
        self.up, self.down = nn.Linear(width, 4 * width), nn.Linear(4 * width, width)

    def forward(self, x):
        n, t, _ = x.shape
        q, k, v = self.qkv(self.ln1(x)).view(n, t, 3, heads, -1).permute(2, 0, 3, 1, 4)
        scores = (q @ k.transpose(-2, -1)) / q.shape[-1] ** 0.5
        scores = scores.masked_fill(torch.ones(t, t).triu(1).bool(), float("-inf"))
        x = x + self.proj((scores.softmax(-1) @ v).transpose(1, 2).reshape(n, t, width))
        return x + self.down(F.gelu(self.up(self.ln2(x))))


class GPT(nn.Module):
    def __init__(self, characters):
        super().__init__()
        self.tokens, self.positions = nn.Embedding(characters, width), nn.Embedding(T, width)
        self.blocks = nn.Sequential(*(Block() for _ in range(blocks)))
        self.norm, self.head = nn.LayerNorm(width), nn.Linear(width, characters, bias=False)
        self.head.weight = self.tokens.weight  # tied
        for embedding in (self.tokens, self.positions):
            nn.init.normal_(embedding.weight, std=0.02)

    def forward(self, x):
        return self.head(self.norm(self.blocks(self.tokens(x) + self.positions(torch.arange(x.shape[1])))))


def loss(logits, y):
    return F.cross_entropy(logits.transpose(1, 2), y, reduction="none").mean(1)


def main(text, out, steps=300):
    os.makedirs(out, exist_ok=True)
    torch.manual_seed(1)
    text = open(text, encoding="utf-8").read()
    letters = sorted(set(text))
    codes = torch.tensor([letters.index(c) for c in text])
    starts = torch.arange(0, len(codes) - T - 1, 4)
    x = torch.stack([codes[s:s + T] for s in starts])
    y = torch.stack([codes[s + 1:s + T + 1] for s in starts])
    model = GPT(len(letters))
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    some = torch.randperm(len(x))[:256]
    for step in range(steps + 1):
        if step in (0, steps // 10, steps):
            noiseprobe.record(f"{out}/step{step:06d}.safetensors", model, loss, x[some], y[some], step=step, population=len(x), keep="gram")
        if step == steps:
            noiseprobe.draws(f"{out}/draws.safetensors", model, loss, lambda i: (x[i], y[i]), alpha=alpha, batch=batch, draws=64, population=len(x), step=step)
            break
        b, prime = torch.randint(len(x), (2, batch))
        optimizer.zero_grad()
        noiseprobe.enhance(loss(model(x[b]), y[b]), loss(model(x[prime]), y[prime]), alpha=alpha).backward()
        optimizer.step()


if __name__ == "__main__":
    main(*sys.argv[1:3])
