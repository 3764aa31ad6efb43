PLAN = json.loads(
    r"""
{
  "name": "fan-out-artifacts",
  "digest": "0dafcfee9b7397cc90a6893e91522ecd677e9272dd132d1a576c316bb9bbdb3e",
  "tool": "0.1.0",
  "tasks": [
    {
      "name": "train",
      "fan_out": {"axes": ["model"], "rows": [[["const", "gbm"]], [["const", "mlp"]]]},
      "command": ["train.py", [["matrix", "model", "string"]], [["out_path", "model"]]],
      "outputs": [{"name": "model", "type": "file", "filename": "model.json"}]
    },
    {
      "name": "compare",
      "needs": ["train"],
      "command": ["compare.py", [["in_path", "train.model"]]],
      "inputs": [{"name": "train.model", "task": "train", "output": "model", "filename": "model.json", "fan_out": true}]
    }
  ]
}
"""
)
