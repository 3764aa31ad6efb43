PLAN = json.loads(
    r"""
{
  "name": "conditions",
  "digest": "1eaa5e07f45a870be02956d1e118d215999dcb6369b19da14cbb1847c00cbc45",
  "tool": "0.1.0",
  "params": [
    {
      "name": "a",
      "type": "boolean",
      "default": "true"
    },
    {
      "name": "b",
      "type": "boolean",
      "default": "false"
    },
    {
      "name": "c",
      "type": "boolean",
      "default": "false"
    }
  ],
  "tasks": [
    {
      "name": "either_and",
      "when": ["and", ["or", ["param", "a", "boolean"], ["param", "b", "boolean"]], ["param", "c", "boolean"]],
      "command": ["echo", "either_and"]
    },
    {
      "name": "or_both",
      "when": ["or", ["param", "a", "boolean"], ["and", ["param", "b", "boolean"], ["param", "c", "boolean"]]],
      "command": ["echo", "or_both"]
    },
    {
      "name": "neither",
      "when": ["not", ["or", ["param", "a", "boolean"], ["param", "b", "boolean"]]],
      "command": ["echo", "neither"]
    },
    {
      "name": "not_both",
      "when": ["or", ["not", ["and", ["param", "a", "boolean"], ["param", "b", "boolean"]]], ["param", "c", "boolean"]],
      "command": ["echo", "not_both"]
    },
    {
      "name": "and_either",
      "when": ["and", ["param", "a", "boolean"], ["or", ["param", "b", "boolean"], ["not", ["param", "c", "boolean"]]]],
      "command": ["echo", "and_either"]
    }
  ]
}
"""
)
