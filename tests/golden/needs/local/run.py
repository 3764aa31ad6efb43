PLAN = json.loads(
    r"""
{
  "name": "needs",
  "digest": "728d119a3104d72741dea27a6d998b8b8a4a2332b3cfc5b84cecc8596f2ac9e5",
  "tool": "0.1.0",
  "tasks": [
    {
      "name": "a",
      "command": ["echo", "a"]
    },
    {
      "name": "b",
      "needs": ["a"],
      "command": ["echo", "b"]
    },
    {
      "name": "c",
      "needs": ["a"],
      "command": ["echo", "c"]
    },
    {
      "name": "d",
      "needs": ["b", "c"],
      "command": ["echo", "d"]
    }
  ]
}
"""
)
