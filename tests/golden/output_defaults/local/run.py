PLAN = json.loads(
    r"""
{
  "name": "output-defaults",
  "digest": "c6d7a911f6d6ed33a3eb4e3f9dfbe4985bdd7d1b8e8404ceb11048689c70faae",
  "tool": "0.1.0",
  "params": [
    {
      "name": "go",
      "type": "boolean",
      "default": "true"
    }
  ],
  "tasks": [
    {
      "name": "count",
      "when": ["param", "go", "boolean"],
      "interpreter": ["sh", "-euc"],
      "script": [
        "echo 12 > \"$DW_OUT/rows\""
      ],
      "outputs": [
        {"name": "rows", "type": "integer", "default": "0"},
        {"name": "note", "type": "string", "default": "none"},
        {"name": "seen", "type": "integer"}
      ]
    },
    {
      "name": "show",
      "needs": ["count"],
      "trigger_rule": "none_failed",
      "command": [
        "echo",
        [["output", "count", "rows", "integer", "0"]],
        [["output", "count", "note", "string", "none"]],
        [["default", ["output", "count", "seen", "integer"], ["const", 0]]]
      ]
    }
  ]
}
"""
)
