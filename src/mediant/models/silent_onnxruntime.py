"""ONNX Runtime, silenced before it is imported, for afterwards it is too late.

Our own processes are silenced when they start (`silence_libraries`); this is for everybody else
who opens a network. No other module imports `onnxruntime` itself.
"""

from mediant.kernel.telemetry import silence_libraries

silence_libraries()

import onnxruntime  # noqa: E402 (see above)
from onnxruntime.capi import onnxruntime_pybind11_state as ort_errors  # noqa: E402

__all__ = ["onnxruntime", "ort_errors"]
