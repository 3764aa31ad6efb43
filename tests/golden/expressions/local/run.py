PLAN = json.loads(
    r"""
{
  "name": "expressions",
  "digest": "674a4dec6f1e7dcd23e8d7c2711ff1b576d5e1faa51a556fcaef43151e718f6a",
  "tool": "0.1.0",
  "params": [
    {
      "name": "n",
      "type": "integer",
      "default": "3"
    },
    {
      "name": "x",
      "type": "number",
      "default": "0.5"
    },
    {
      "name": "name",
      "type": "string",
      "default": "Ada"
    },
    {
      "name": "tags",
      "type": "json",
      "default": "[\"a\",\"b\"]"
    }
  ],
  "tasks": [
    {
      "name": "show",
      "when": [
        "and",
        ["not", ["gt", ["param", "n", "integer"], ["const", 5]]],
        ["in", ["param", "name", "string"], ["list", ["const", "Ada"], ["const", "Bob"]]]
      ],
      "command": [
        "echo",
        [["add", ["mul", ["param", "n", "integer"], ["const", 2]], ["const", 1]]],
        [["div", ["number", ["param", "n", "integer"]], ["const", 2.0]]],
        [["mod", ["param", "n", "integer"], ["const", 2]]],
        [["if", ["lt", ["param", "x", "number"], ["const", 1.0]], ["const", "small"], ["const", "large"]]],
        [["upper", ["param", "name", "string"]], "!"],
        [["len", ["param", "tags", "json"]]],
        [["string", ["index", ["param", "tags", "json"], ["const", 0]]]],
        [["to_json", ["param", "tags", "json"]]],
        [["format_date", ["run", "scheduled_at"], ["const", "YYYY/MM/DD"]]],
        [["max", ["param", "x", "number"], ["number", ["param", "n", "integer"]]]]
      ]
    }
  ]
}
"""
)
