"""The Gauss-Newton matrix of the reference networks of testdata/vectors/grad by PyTorch autograd in float64: curvature.json.

    /usr/bin/python3 curvature.py ../vectors/grad/data curvature.json
"""
import json
import sys

import numpy as np
import torch
import torch.nn.functional as F


def tensors(path):
    with open(path, "rb") as f:
        size = int.from_bytes(f.read(8), "little")
        header = json.loads(f.read(size))
        data = f.read()
    out = {}
    for name, t in header.items():
        if name != "__metadata__":
            lo, hi = t["data_offsets"]
            out[name] = torch.tensor(np.frombuffer(data[lo:hi], dtype={"F32": np.float32, "F64": np.float64}[t["dtype"]])
                                     .reshape(t["shape"]).astype(np.float64))
    return out


def mlp(p, x):
    for name in ["dense1", "dense2"]:
        x = F.relu(x @ p[name + ".weight"].T + p[name + ".bias"])
    return x @ p["output.weight"].T + p["output.bias"]


def conv(p, x, running=None):
    """2x[8,3,3,1],2x[16,3,3,1]; the batch is one ghost batch, or normalised by running statistics."""
    for k in range(1, 5):
        x = F.conv2d(x, p["conv%d.weight" % k], padding=1)
        if running is None:
            mean, var = x.mean((0, 2, 3)), x.var((0, 2, 3), unbiased=False)
        else:
            mean, var = running["bn%d.running_mean" % k], running["bn%d.running_var" % k]
        shape = (1, -1, 1, 1)
        x = (x - mean.view(shape)) / torch.sqrt(var.view(shape) + 1e-5)
        x = F.relu(x * p["bn%d.weight" % k].view(shape) + p["bn%d.bias" % k].view(shape))
        if k % 2 == 0:
            x = F.max_pool2d(x, 2)
    return x.flatten(1) @ p["output.weight"].T + p["output.bias"]


def unit(network, p, x, y):
    """The gradient of a unit's mean loss, and the columns J_j' (diag(sqrt q) - q sqrt q') / sqrt m of its m samples."""
    names = sorted(p)
    for n in names:
        p[n].requires_grad_(True)
    z = network(p, x)

    def flat(value):
        grads = torch.autograd.grad(value, [p[n] for n in names], retain_graph=True)
        return torch.cat([g.reshape(-1) for g in grads])

    gradient, columns = flat(F.cross_entropy(z, y)), []
    for j in range(len(x)):
        q = torch.softmax(z[j].detach(), 0)
        jacobian = torch.stack([flat(z[j, c]) for c in range(z.shape[1])])
        root = torch.sqrt(q)
        columns.append((torch.diag(root) - torch.outer(root, q)) @ jacobian / len(x) ** 0.5)
    return gradient, torch.cat(columns)


def describe(units):
    g = torch.stack([u[0] for u in units])
    n, parameters = g.shape
    h = torch.stack([u[1] for u in units])
    c = g - g.mean(0)
    flat = h.reshape(-1, parameters)
    gram = flat @ flat.T / n
    pair = torch.einsum("kap,lbp->klab", h, h).square().sum((2, 3))
    x = torch.einsum("kap,ip->kai", h, g)
    rest = []
    for k in range(n):
        others = [i for i in range(n) if i != k]
        rest.append(x[k][:, others].var(1, unbiased=True).sum())
    gram_g = c @ c.T / n
    noise, frobenius = float((flat @ c.T).square().sum() / n ** 2), float(gram.square().sum().sqrt())
    trace, sigma = float(gram.trace()), float(gram_g.trace())
    return {
        "trace": trace, "frobenius": frobenius, "eigenvalues": torch.linalg.eigvalsh(gram).flip(0)[:20].tolist(),
        "noise_trace": noise, "noise_trace_unbiased": float(sum(rest) / n),
        "alignment": noise / (frobenius * float(gram_g.square().sum().sqrt())), "anisotropy": parameters * noise / (trace * sigma),
        "gradient_curvature": float((flat @ g.mean(0)).square().sum() / n), "unit_trace": h.square().sum((1, 2)).tolist(), "pair": pair.tolist(),
    }


def hessian_noise_trace(network, p, x, y):
    """tr(H Sigma), Sigma (divisor n - 1) of every second sample's gradient, H of the mean loss over the others."""
    names = sorted(p)
    g = torch.stack([unit(network, p, x[i:i + 1], y[i:i + 1])[0] for i in range(0, len(x), 2)])
    c = g - g.mean(0)
    loss = F.cross_entropy(network(p, x[1::2]), y[1::2])
    first = torch.cat([v.reshape(-1) for v in torch.autograd.grad(loss, [p[n] for n in names], create_graph=True)])
    total = 0.0
    for v in c:
        second = torch.autograd.grad(first @ v, [p[n] for n in names], retain_graph=True)
        total += float(torch.cat([s.reshape(-1) for s in second]) @ v)
    return total / (len(c) - 1)


def main(folder, out):
    mlp_p, conv_p = tensors(folder + "/mlp_784-32-16-10.params.safetensors"), tensors(folder + "/c1mini_3x16x16.params.safetensors")
    running = tensors(folder + "/c1mini_3x16x16.running.safetensors")

    def data(name):
        return torch.tensor(np.load(folder + "/" + name + ".X.npy").astype(np.float64)), torch.tensor(np.load(folder + "/" + name + ".y.npy").astype(np.int64))

    x, y = data("mlp_784-32-16-10")
    result = {"mlp": describe([unit(mlp, mlp_p, x[i:i + 1], y[i:i + 1]) for i in range(len(x))])}
    result["mlp"]["hessian_noise_trace"] = hessian_noise_trace(mlp, mlp_p, x, y)
    x, y = data("c1mini_3x16x16")
    result["frozen"] = describe([unit(lambda p, v: conv(p, v, running), conv_p, x[i:i + 1], y[i:i + 1]) for i in range(len(x))])
    result["ghost"] = describe([unit(conv, conv_p, x[i:i + 4], y[i:i + 4]) for i in range(0, len(x), 4)])
    del result["mlp"]["pair"], result["frozen"]["pair"]
    with open(out, "w") as f:
        json.dump(result, f, indent=1)
        f.write("\n")


main(*sys.argv[1:])
