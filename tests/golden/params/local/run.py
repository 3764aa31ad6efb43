PLAN = json.loads(
    r"""
{
  "name": "params",
  "digest": "740b4996eeaff66388b4f769a654dc892bba491eae565c563dd6765134b7ea4d",
  "tool": "0.1.0",
  "params": [
    {
      "name": "source_url",
      "type": "string",
      "default": "data/churn.csv",
      "min_length": 1,
      "max_length": 200
    },
    {
      "name": "depth",
      "type": "integer",
      "default": "3",
      "minimum": 1,
      "maximum": 20
    },
    {
      "name": "min_auc",
      "type": "number",
      "default": "0.8",
      "minimum": 0.0,
      "maximum": 1.0
    },
    {
      "name": "model",
      "type": "string",
      "enum": ["gbm", "mlp"]
    },
    {
      "name": "verbose",
      "type": "boolean",
      "default": "false"
    },
    {
      "name": "options",
      "type": "json",
      "default": "{\"a\":null,\"b\":[1,2.0]}"
    }
  ],
  "tasks": [
    {
      "name": "train",
      "command": [
        "train.py",
        [["param", "source_url", "string"]],
        ["--depth=", ["param", "depth", "integer"]],
        [["param", "min_auc", "number"]]
      ],
      "env": {
        "MODEL": [["param", "model", "string"]],
        "VERBOSE": [["param", "verbose", "boolean"]],
        "OPTIONS": [["param", "options", "json"]]
      }
    }
  ]
}
"""
)
