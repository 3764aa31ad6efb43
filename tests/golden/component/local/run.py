PLAN = json.loads(
    r"""
{
  "name": "component",
  "digest": "6679e3f1237dd2b71cd395bef7c81a53b581d550ef458dc98ad5e07c3bc16ec1",
  "tool": "0.1.0",
  "tasks": [
    {
      "name": "one",
      "interpreter": ["sh", "-euc"],
      "script": [
        "echo \"$MODEL $LR\" > \"$DW_OUT/note\""
      ],
      "outputs": [{"name": "note", "type": "string"}],
      "env": {"TEAM": "growth", "MODEL": "gbm", "LR": "0.10", "DOUBLE": [["mul", ["const", 0.1, "0.10"], ["const", 2.0]]]},
      "retry": {"limit": 1, "delay": 5}
    },
    {
      "name": "two",
      "needs": ["one"],
      "interpreter": ["sh", "-euc"],
      "script": [
        "echo \"$MODEL $LR\" > \"$DW_OUT/note\""
      ],
      "outputs": [{"name": "note", "type": "string"}],
      "env": {
        "TEAM": "other",
        "MODEL": ["after-", ["output", "one", "note", "string"]],
        "LR": "1e-3",
        "DOUBLE": [["mul", ["const", 0.001, "1e-3"], ["const", 2.0]]]
      },
      "retry": {"limit": 1, "delay": 5}
    }
  ]
}
"""
)
