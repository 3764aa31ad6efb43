PLAN = json.loads(
    r"""
{
  "name": "artifacts",
  "digest": "d17841537790e6994330110bab8afc66b0afd4bb80008d14b4eafa315d6b109f",
  "tool": "0.1.0",
  "tasks": [
    {
      "name": "ingest",
      "command": [
        "sh",
        "-c",
        "echo a,b > \"$1\"; mkdir \"$2\"; echo 1 > \"$2/one\"",
        "-",
        [["out_path", "table"]],
        [["out_path", "parts"]]
      ],
      "outputs": [{"name": "table", "type": "file", "filename": "table.csv"}, {"name": "parts", "type": "directory"}]
    },
    {
      "name": "read",
      "needs": ["ingest"],
      "command": ["cat", [["in_path", "data"]], [["in_path", "ingest.parts"], "/one"]],
      "inputs": [
        {"name": "data", "task": "ingest", "output": "table", "filename": "table.csv"},
        {"name": "ingest.parts", "task": "ingest", "output": "parts", "filename": "parts"}
      ]
    }
  ]
}
"""
)
