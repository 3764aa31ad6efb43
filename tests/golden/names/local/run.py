PLAN = json.loads(
    r"""
{
  "name": "names",
  "digest": "a52a9098b0ab066bd9fd4d1af0d44908de12f6978f52baa4c98108ca49af0b33",
  "tool": "0.1.0",
  "params": [
    {
      "name": "lambda",
      "type": "string",
      "default": "x"
    }
  ],
  "tasks": [
    {
      "name": "import",
      "command": ["echo", [["param", "lambda", "string"]]]
    },
    {
      "name": "json",
      "needs": ["import"],
      "command": ["echo", "b"]
    },
    {
      "name": "dag",
      "needs": ["json"],
      "command": ["echo", "c"]
    },
    {
      "name": "os",
      "needs": ["dag"],
      "command": ["echo", "c"]
    },
    {
      "name": "main",
      "needs": ["os"],
      "command": ["echo", "d"]
    },
    {
      "name": "entry",
      "needs": ["main"],
      "command": ["echo", "e"]
    }
  ]
}
"""
)
