PLAN = json.loads(
    r"""
{
  "name": "component-file",
  "digest": "0d841dae4ba18fe4b49d1541d25d4763e988c4eed9430bdb107927a333253152",
  "tool": "0.1.0",
  "tasks": [
    {
      "name": "one",
      "command": ["train.py", "gbm"]
    },
    {
      "name": "two",
      "command": ["train.py", "mlp-mlp"]
    }
  ]
}
"""
)
