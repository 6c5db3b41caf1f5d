"""Per-sample gradients of a PyTorch network of nn.Linear layers, as factors, for noiseprobe.

    from record_factors import record_factors, write_safetensors
    write_safetensors("factors.safetensors", record_factors(model, loss, x, y))

A linear layer's gradient of sample i is the outer product of delta_i, the derivative of the sample's own loss by the layer's
output, and its input a_i; the bias has delta_i. Needs torch and numpy. Run with a folder name, it records the network of
testdata/vectors/grad there.
"""
import json
import struct
import sys

import numpy as np
import torch


def record_factors(model, loss, x, y):
    """Arrays NAME.a [n, in], NAME.delta [n, out], index [n] and loss [n].

    loss(model(x), y) must be the n samples' own losses, not their mean: reduction="none".
    """
    check(model)
    arrays, hooks = {}, []
    linear = {name: m for name, m in model.named_modules() if isinstance(m, torch.nn.Linear)}

    def keep(name, value):
        if name in arrays or value.shape[0] != len(x) or value.dim() != 2:
            raise ValueError(f"{name}: a layer must be used once, on a [n, ...] matrix with a row for each sample")
        arrays[name] = value.detach().float().cpu().numpy().copy()

    for name, layer in linear.items():
        hooks += [
            layer.register_forward_hook(lambda m, inputs, output, name=name: keep(name + ".a", inputs[0])),
            layer.register_full_backward_hook(lambda m, grad_in, grad_out, name=name: keep(name + ".delta", grad_out[0])),
        ]
    try:
        losses = loss(model(x), y)
        if losses.shape != (len(x),):
            raise ValueError(f'the loss has shape {tuple(losses.shape)}, want one number a sample: reduction="none"')
        torch.autograd.grad(losses.sum(), [p for p in model.parameters() if p.requires_grad])
    finally:
        for hook in hooks:
            hook.remove()
    return {**arrays, "index": np.arange(len(x)), "loss": losses.detach().double().cpu().numpy()}


def check(model):
    """Refuses what the factors would leave out, and what gives a sample no gradient of its own."""
    for name, m in model.named_modules():
        own = [p for p in m.parameters(recurse=False) if p.requires_grad]
        if isinstance(m, torch.nn.modules.batchnorm._BatchNorm) and m.training:
            raise ValueError(f"{name}: batch normalisation in training mode mixes the samples: model.eval() freezes it")
        if isinstance(m, torch.nn.Linear) and len(own) != 2:
            raise ValueError(f"{name}: needs weight and bias, both with gradients: record dense gradients instead")
        if own and not isinstance(m, torch.nn.Linear):
            raise ValueError(f"{name}: is no nn.Linear but has parameters: record dense gradients, or freeze them")


def write_safetensors(path, arrays):
    """Writes NumPy arrays: eight bytes of length, a JSON header, the data."""
    names = {"float16": "F16", "float32": "F32", "float64": "F64", "int64": "I64"}
    arrays = {name: np.ascontiguousarray(a) for name, a in arrays.items()}
    arrays = dict(sorted(arrays.items(), key=lambda item: -item[1].itemsize))  # each aligned to its elements
    header, at = {}, 0
    for name, a in arrays.items():
        header[name] = {"dtype": names[a.dtype.name], "shape": list(a.shape), "data_offsets": [at, at + a.nbytes]}
        at += a.nbytes
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as f:
        f.write(struct.pack("<Q", len(text)) + text)
        for a in arrays.values():
            f.write(a.astype(a.dtype.newbyteorder("<")).tobytes())


def rename(model):
    """The weights by noiseprobe's names, for a stack of nn.Linear with a ReLU between them: dense1.weight, ..., output.bias."""
    linear = [m for m in model.modules() if isinstance(m, torch.nn.Linear)]
    arrays = {}
    for i, m in enumerate(linear, 1):
        name = "output" if i == len(linear) else f"dense{i}"
        for part in ["weight", "bias"]:
            arrays[f"{name}.{part}"] = getattr(m, part).detach().float().cpu().numpy()
    return arrays


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
    """The network and the samples of testdata/vectors/grad."""
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
    if len(sys.argv) != 3:
        sys.exit("usage: record_factors.py testdata/vectors/grad/data FILE.safetensors")
    network, x, y = reference(sys.argv[1])
    write_safetensors(sys.argv[2], record_factors(network, torch.nn.CrossEntropyLoss(reduction="none"), x, y))
