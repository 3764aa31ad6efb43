PLAN = json.loads(
    r"""
{
  "name": "status",
  "digest": "41dc2fb0b2da5bb4a0820df9393f21ed05c5e70daa2bd82f6df21d14077c3a32",
  "tool": "0.1.0",
  "params": [
    {
      "name": "go",
      "type": "boolean",
      "default": "true"
    }
  ],
  "tasks": [
    {
      "name": "work",
      "when": ["param", "go", "boolean"],
      "command": ["echo", "work"]
    },
    {
      "name": "tell",
      "needs": ["work"],
      "trigger_rule": "all_done",
      "command": ["echo", [["status", "work"]]]
    }
  ]
}
"""
)
