PLAN = json.loads(
    r"""
{
  "name": "taken-away",
  "digest": "b58c9d43fce246fafb1a759a5ffcd87e117ad4810deec2772abdf3b5c72ab69d",
  "tool": "0.1.0",
  "images": true,
  "tasks": [
    {
      "name": "plain",
      "command": ["./plain.sh"],
      "env": {"LEVEL": "info", "PROXY": "http://proxy"}
    },
    {
      "name": "quiet",
      "command": ["./quiet.sh"],
      "env": {"PROXY": "http://proxy"}
    },
    {
      "name": "used",
      "command": ["./fetch.sh"],
      "env": {"LEVEL": "info", "OWN": "1"}
    }
  ]
}
"""
)
