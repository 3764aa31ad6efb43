PLAN = json.loads(
    r"""
{
  "name": "trigger-rules",
  "digest": "9fdece0219fa9357627577883ec46f19de37d863b0e7e7a98898ec586a6c853a",
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
      "command": ["echo", "work"]
    },
    {
      "name": "maybe",
      "when": ["param", "go", "boolean"],
      "command": ["echo", "maybe"]
    },
    {
      "name": "both",
      "needs": ["work", "maybe"],
      "command": ["echo", "both"]
    },
    {
      "name": "tolerant",
      "needs": ["work", "maybe"],
      "trigger_rule": "none_failed",
      "command": ["echo", "tolerant"]
    },
    {
      "name": "some",
      "needs": ["work", "maybe"],
      "trigger_rule": "none_failed_min_one_success",
      "command": ["echo", "some"]
    },
    {
      "name": "alert",
      "needs": ["both"],
      "trigger_rule": "any_failed",
      "command": ["echo", "alert"]
    },
    {
      "name": "clean",
      "needs": ["both"],
      "trigger_rule": "all_done",
      "command": ["echo", "clean"]
    }
  ]
}
"""
)
