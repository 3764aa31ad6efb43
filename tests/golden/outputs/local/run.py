PLAN = json.loads(
    r"""
{
  "name": "outputs",
  "digest": "6c15b0503e284da4ca4a202da54ee591385e8cc8d574f2b0bf371c34b2d7d310",
  "tool": "0.1.0",
  "tasks": [
    {
      "name": "count",
      "interpreter": ["sh", "-euc"],
      "script": [
        "echo 12 > \"$DW_OUT/rows\"",
        "echo 0.80 > \"$DW_OUT/auc\"",
        "echo true > \"$DW_OUT/ok\"",
        "echo '{\"a\": [1]}' > \"$DW_OUT/info\"",
        ""
      ],
      "outputs": [
        {"name": "rows", "type": "integer"},
        {"name": "auc", "type": "number"},
        {"name": "ok", "type": "boolean"},
        {"name": "info", "type": "json"}
      ]
    },
    {
      "name": "show",
      "needs": ["count"],
      "command": ["echo", [["output", "count", "rows", "integer"], " rows"], [["output", "count", "info", "json"]]],
      "env": {"AUC": [["output", "count", "auc", "number"]], "OK": [["output", "count", "ok", "boolean"]]}
    }
  ]
}
"""
)
