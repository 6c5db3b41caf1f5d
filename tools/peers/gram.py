"""The Gram matrix of the centred rows of a .npy file, by blocks of columns in float32. Usage: gram.py FILE"""
import sys
import time

import numpy as np

x = np.load(sys.argv[1], mmap_mode="r")
began = time.time()
gram = np.zeros((len(x), len(x)))
for left in range(0, x.shape[1], 16384):
    block = np.array(x[:, left:left + 16384])
    block -= block.mean(axis=0)
    gram += block @ block.T
print(f"{time.time() - began:.2f} s")
