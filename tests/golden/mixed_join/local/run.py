PLAN = json.loads(
    r"""
{
  "name": "mixed-join",
  "digest": "55dc03d42bf7d838e66569cda5e3e764aa95be233deb1f3b074cf1660fc9e2f2",
  "tool": "0.1.0",
  "tasks": [
    {
      "name": "split",
      "command": ["echo", "split"]
    },
    {
      "name": "train",
      "fan_out": {"axes": ["model"], "rows": [[["const", "linear"]], [["const", "boosting"]]]},
      "command": ["echo", [["matrix", "model", "string"]]]
    },
    {
      "name": "compare",
      "needs": ["split", "train"],
      "command": ["echo", "compare"]
    },
    {
      "name": "rescue",
      "needs": ["split", "train"],
      "trigger_rule": "any_failed",
      "command": ["echo", "rescue"]
    }
  ],
  "finally": [
    {
      "name": "tell",
      "command": ["echo", [["run", "status"]]]
    }
  ]
}
"""
)
