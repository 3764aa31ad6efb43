PLAN = json.loads(
    r"""
{
  "name": "timeout",
  "digest": "a87c5307f84595e4c2d3f81257e4f71fc2d170275e86d849bd430c9c19508105",
  "tool": "0.1.0",
  "tasks": [
    {
      "name": "slow",
      "command": ["sleep", "10"],
      "timeout": 5400
    }
  ]
}
"""
)
