PLAN = json.loads(
    r"""
{
  "name": "matrix-rows",
  "digest": "0ac7a92179bf6c9344b61bdd20de4b24278168907c2b847e10f31bae3433e425",
  "tool": "0.1.0",
  "tasks": [
    {
      "name": "train",
      "fan_out": {
        "axes": ["model", "lr"],
        "rows": [[["const", "gbm"], ["const", 0.1, "0.10"]], [["const", "gbm"], ["const", 0.001, "1e-3"]], [["const", "mlp"], ["const", 0.001, "1e-3"]], [["const", "net"], ["const", 5.0]]]
      },
      "command": ["train.py", [["matrix", "model", "string"]], [["matrix", "lr", "number"]]]
    }
  ]
}
"""
)
