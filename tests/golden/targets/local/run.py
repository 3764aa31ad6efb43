PLAN = json.loads(
    r"""
{
  "name": "targets",
  "digest": "925b178bbc3649801d9b53b2ab1a4e4e647a24499a643f837a52b316efdea317",
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
