PLAN = json.loads(
    r"""
{
  "name": "spelling",
  "digest": "e23cee8472a36de00e8935780b1d801b92d609a67e5c019793115d8cb2c70596",
  "tool": "0.1.0",
  "tasks": [
    {
      "name": "train",
      "command": ["train.py", "--lr", "1e-3", "--flag", "yes", "--time", "12:30", "--mode", "0o17"],
      "env": {"VERSION": "3.10", "ON": "on", "EMPTY": "", "DATE": "2026-01-31"}
    }
  ]
}
"""
)
