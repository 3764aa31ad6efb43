PLAN = json.loads(
    r"""
{
  "name": "matrix",
  "digest": "e0ee4c4580ef30545760b69068ffba22d76cb69a23519a158ef1c246068038d7",
  "tool": "0.1.0",
  "tasks": [
    {
      "name": "train",
      "fan_out": {
        "axes": ["model", "depth"],
        "rows": [[["const", "gbm"], ["const", 2]], [["const", "gbm"], ["const", 4]], [["const", "mlp"], ["const", 2]], [["const", "mlp"], ["const", 4]]]
      },
      "interpreter": ["sh", "-euc"],
      "script": [
        "echo \"$DW_INDEX\" > \"$DW_OUT/auc\""
      ],
      "outputs": [{"name": "auc", "type": "number"}],
      "env": {"MODEL": [["matrix", "model", "string"]], "DEPTH": [["matrix", "depth", "integer"]]}
    },
    {
      "name": "best",
      "needs": ["train"],
      "command": ["echo", [["outputs", "train", "auc", "number"]], [["max", ["outputs", "train", "auc", "number"]]]]
    }
  ]
}
"""
)
