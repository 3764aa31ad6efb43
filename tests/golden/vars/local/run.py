PLAN = json.loads(
    r"""
{
  "name": "vars-dev",
  "digest": "f3cc2efccbf3092805ee52b662318ec23107c0fb4c3e8613aaaa4781e8c96073",
  "tool": "0.1.0",
  "timezone": "UTC",
  "images": true,
  "tasks": [
    {
      "name": "train",
      "fan_out": {"axes": ["region"], "rows": [[["const", "eu"]], [["const", "us"]]]},
      "command": ["python3", "train.py", [["matrix", "region", "string"]], "--out=s3://acme-dev"],
      "retry": {"limit": 3, "delay": 30}
    },
    {
      "name": "release",
      "needs": ["train"],
      "when": ["eq", ["const", "dev"], ["const", "prod"]],
      "command": ["python3", "release.py"],
      "retry": {"limit": 3, "delay": 30}
    }
  ]
}
"""
)
