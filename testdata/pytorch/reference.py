"""The reference network of testdata/vectors/grad in PyTorch: python3 reference.py testdata/vectors/grad/data FILE.safetensors records its gradients."""
import json
import os
import struct
import sys

import numpy as np
import torch

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../pytorch"))
import noiseprobe


def read_safetensors(path):
    """Reads float32 tensors, all that the reference network has."""
    with open(path, "rb") as f:
        header = json.loads(f.read(struct.unpack("<Q", f.read(8))[0]))
        data = f.read()
    header.pop("__metadata__", None)
    return {
        name: torch.from_numpy(np.frombuffer(data[slice(*t["data_offsets"])], dtype="<f4").reshape(t["shape"]).copy())
        for name, t in header.items()
    }


def reference(folder):
    """The network and the samples."""
    prefix = folder + "/mlp_784-32-16-10."
    nn = torch.nn
    model = nn.Sequential()
    for name, inputs, outputs in [("dense1", 784, 32), ("dense2", 32, 16), ("output", 16, 10)]:
        model.add_module(name, nn.Linear(inputs, outputs))
        if name != "output":
            model.add_module(name + "_relu", nn.ReLU())
    model.load_state_dict(read_safetensors(prefix + "params.safetensors"))
    return model, torch.from_numpy(np.load(prefix + "X.npy")), torch.from_numpy(np.load(prefix + "y.npy"))


if __name__ == "__main__":
    network, x, y = reference(sys.argv[1])
    noiseprobe.record(sys.argv[2], network, torch.nn.CrossEntropyLoss(reduction="none"), x, y, keep="factors")
