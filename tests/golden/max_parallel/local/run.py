PLAN = json.loads(
    r"""
{
  "name": "max-parallel",
  "digest": "a9a72b7614deb285491768f2620b32c3b1212d56ddc0fc0794c4742d6b1d817e",
  "tool": "0.1.0",
  "tasks": [
    {
      "name": "train",
      "fan_out": {"axes": ["model"], "rows": [[["const", "gbm"]], [["const", "mlp"]], [["const", "net"]]]},
      "max_parallel": 2,
      "command": ["train.py", [["matrix", "model", "string"]]]
    },
    {
      "name": "report",
      "needs": ["train"],
      "command": ["echo", "done"]
    }
  ]
}
"""
)
