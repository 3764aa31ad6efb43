PLAN = json.loads(
    r"""
{
  "name": "computed-items",
  "digest": "4de8e0fb18e07f79af5b1adea6e0bcd1dab6ff5f53b33c2775e3de99ccf599c4",
  "tool": "0.1.0",
  "tasks": [
    {
      "name": "double",
      "fan_out": {"source": ["list", ["const", 1.0], ["const", 2.5]]},
      "command": ["echo", [["mul", ["item", "number"], ["const", 2.0]]]]
    },
    {
      "name": "next",
      "fan_out": {"axes": ["year", "rate"], "rows": [[["const", 2024], ["const", 0.5]], [["const", 2025], ["const", 0.5]]]},
      "command": [
        "echo",
        [["add", ["matrix", "year", "integer"], ["const", 1]]],
        [["mul", ["matrix", "rate", "number"], ["const", 2.0]]]
      ]
    }
  ]
}
"""
)
