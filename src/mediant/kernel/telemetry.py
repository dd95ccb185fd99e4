"""What libraries would tell their makers of this machine, switched off before they are imported.

ONNX Runtime and OpenVINO each keep an identifier of the device below the user's home and call a
server of their makers, from the moment on that they are imported.
"""

import os
import sys

SWITCHES = {"ORT_DISABLE_TELEMETRY": "1", "HF_HUB_DISABLE_TELEMETRY": "1"}
"""Variables that a library reads once, when it is imported."""

UNWANTED = ("openvino_telemetry",)
"""Packages whose only work is to tell, and without which their callers do."""


def silence_libraries() -> None:
    """Let no library tell anybody. For the start of a process; its children inherit the switches,
    and have to call this for the packages. What was imported before is not reached."""
    os.environ.update(SWITCHES)
    for name in UNWANTED:
        # None makes an import of it fail, as if it were not installed.
        sys.modules.setdefault(name, None)  # type: ignore[arg-type]
