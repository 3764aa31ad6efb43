PLAN = json.loads(
    r"""
{
  "name": "targets",
  "digest": "6200ed066b3fffc5fd9086cab6bc008129edec544a19e9538e3116bced6c2650",
  "tool": "0.1.0",
  "max_parallel": 2,
  "pass_env": ["AWS_PROFILE"],
  "tasks": [
    {
      "name": "hello",
      "command": ["echo", "hello"]
    }
  ]
}
"""
)
