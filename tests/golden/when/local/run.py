PLAN = json.loads(
    r"""
{
  "name": "when",
  "digest": "aa6a96f43bfea613263521fe9f39929821942c9964ece6d3333bee8499034bef",
  "tool": "0.1.0",
  "params": [
    {
      "name": "deploy",
      "type": "boolean",
      "default": "true"
    },
    {
      "name": "env",
      "type": "string",
      "default": "prod"
    }
  ],
  "tasks": [
    {
      "name": "build",
      "command": ["echo", "build"]
    },
    {
      "name": "ship",
      "needs": ["build"],
      "when": ["and", ["param", "deploy", "boolean"], ["eq", ["param", "env", "string"], ["const", "prod"]]],
      "command": ["echo", "ship"]
    },
    {
      "name": "announce",
      "needs": ["ship"],
      "command": ["echo", "shipped"]
    }
  ]
}
"""
)
