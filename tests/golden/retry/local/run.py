PLAN = json.loads(
    r"""
{
  "name": "retry",
  "digest": "f638516057c81cb845395a102b7510dc0475477005027766c3507cba9d90abb7",
  "tool": "0.1.0",
  "tasks": [
    {
      "name": "short",
      "command": ["echo", "a"],
      "retry": {"limit": 2}
    },
    {
      "name": "long",
      "command": ["echo", "b"],
      "retry": {"limit": 5, "delay": 30, "factor": 2, "max_delay": 600}
    }
  ]
}
"""
)
