"""How our small models run on onnxruntime: with little memory, one thread each."""

import ctypes
import sys

import onnxruntime


def session_options() -> onnxruntime.SessionOptions:
    """Return settings for little memory: the arena never gives any back, a pool's threads spin."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1  # the parallelism is over texts
    options.inter_op_num_threads = 1
    options.enable_cpu_mem_arena = False
    options.enable_mem_pattern = False
    return options


def release_scratch() -> None:
    """Give freed memory back to the system, where the C library can."""
    if sys.platform == "linux":
        trim = getattr(ctypes.CDLL(None), "malloc_trim", None)  # glibc has it, musl has not
        if trim is not None:
            trim(0)
