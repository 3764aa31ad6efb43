PLAN = json.loads(
    r"""
{
  "name": "targets",
  "digest": "a1bc7e70c0cbe34c4f85a7a50c476547e725286784f7e47ce3868cd8357e2ed4",
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
