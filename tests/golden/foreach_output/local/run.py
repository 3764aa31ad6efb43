PLAN = json.loads(
    r"""
{
  "name": "foreach-output",
  "digest": "402c9477e9ea42eafafebbae525d241769f7f7b5f40da8a6da6c5f0a13ffecaa",
  "tool": "0.1.0",
  "tasks": [
    {
      "name": "list",
      "interpreter": ["sh", "-euc"],
      "script": [
        "echo '[\"a\", \"b c\"]' > \"$DW_OUT/regions\""
      ],
      "outputs": [{"name": "regions", "type": "json"}]
    },
    {
      "name": "load",
      "needs": ["list"],
      "fan_out": {"source": ["output", "list", "regions", "json"]},
      "max_parallel": 2,
      "interpreter": ["sh", "-euc"],
      "script": [
        "echo \"$REGION\" > \"$DW_OUT/name\""
      ],
      "outputs": [{"name": "name", "type": "string"}],
      "env": {"REGION": [["item", "json"]]}
    },
    {
      "name": "join",
      "needs": ["load"],
      "command": ["echo", [["outputs", "load", "name", "string"]]]
    }
  ]
}
"""
)
