PLAN = json.loads(
    r"""
{
  "name": "finally",
  "digest": "88814d1524fa20420ed161b0937c244961d34bab2df62f8aa85b646bcb839347",
  "tool": "0.1.0",
  "tasks": [
    {
      "name": "work",
      "command": ["echo", "work"]
    },
    {
      "name": "alert",
      "needs": ["work"],
      "trigger_rule": "any_failed",
      "command": ["echo", "alert"]
    }
  ],
  "finally": [
    {
      "name": "report",
      "command": ["./report.sh", [["run", "status"]], [["run", "id"]]]
    },
    {
      "name": "clean",
      "needs": ["report"],
      "trigger_rule": "all_done",
      "command": ["./clean.sh"]
    }
  ]
}
"""
)
