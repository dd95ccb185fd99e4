"""Fixtures of the models tests."""

import numpy as np
import pytest


@pytest.fixture
def tensors():
    random = np.random.default_rng(7)
    return {
        "dense/bias": random.standard_normal(200).astype(np.float32),
        "dense/kernel": random.standard_normal((300, 200)).astype(np.float32),
        "dense/scalar": np.float32(3.5).reshape(()),
    }
