PLAN = json.loads(
    r"""
{
  "name": "schedule",
  "digest": "093dead489d21c70e826fc0da49c10bf5214f9b2714bb5e4886f775725158ada",
  "tool": "0.1.0",
  "description": "Train every night.",
  "timezone": "Europe/Berlin",
  "tasks": [
    {
      "name": "train",
      "command": ["train.py", [["run", "date"]], [["run", "scheduled_at"]]]
    }
  ]
}
"""
)
