"""What this processor makes of products of small integers."""

from functools import cache

import numpy as np
import onnxruntime
from onnx import TensorProto, helper

MOST = 255 * 127  # of an unsigned times a signed byte


@cache
def saturates() -> bool:
    """Whether products of unsigned and signed bytes are added by twos in 16 bits, which overflow: on x86 without VNNI.

    There onnxruntime takes the quicker instruction, and what large activations and weights add up to is cut short;
    products of unsigned bytes it adds exactly. Tried, not looked up: no two systems name a processor's instructions
    alike.
    """
    given = [
        helper.make_tensor_value_info("left", TensorProto.UINT8, [1, 2]),
        helper.make_tensor_value_info("right", TensorProto.INT8, [2, 1]),
    ]
    sums = [helper.make_tensor_value_info("sum", TensorProto.INT32, [1, 1])]
    graph = helper.make_graph([helper.make_node("MatMulInteger", ["left", "right"], ["sum"])], "pair", given, sums)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 10)], ir_version=10)
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    found = session.run(["sum"], {"left": np.full((1, 2), 255, np.uint8), "right": np.full((2, 1), 127, np.int8)})
    return int(found[0].item()) != 2 * MOST
