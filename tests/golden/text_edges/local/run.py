PLAN = json.loads(
    r"""
{
  "name": "text-edges",
  "digest": "d53134ed8ed32a7f9aaf43bfb095c3b8fb28994e15494d9996dbca90d7c36204",
  "tool": "0.1.0",
  "params": [
    {
      "name": "s",
      "type": "string",
      "default": "a"
    },
    {
      "name": "n",
      "type": "integer",
      "default": "1"
    }
  ],
  "tasks": [
    {
      "name": "make",
      "command": ["make"],
      "outputs": [{"name": "o", "type": "string"}]
    },
    {
      "name": "show",
      "needs": ["make"],
      "command": [
        "show",
        ["{", ["output", "make", "o", "string"], "}"],
        ["{{", ["param", "n", "integer"], "}}"],
        [["output", "make", "o", "string"], "{"],
        "${{ params.s }}$",
        ["}", ["param", "n", "integer"], "{"],
        ["$(", ["param", "s", "string"], ")"]
      ],
      "env": {
        "EDGES": ["{", ["param", "n", "integer"], "}{{", ["output", "make", "o", "string"], "}}"],
        "ENDS": [["param", "s", "string"], ["param", "n", "integer"], "$"]
      }
    }
  ]
}
"""
)
