PLAN = json.loads(
    r"""
{
  "name": "containers",
  "digest": "d330d3c93b7e7b4668075fa0980430cb483066b67ea6f792f384e9f7b8995634",
  "tool": "0.1.0",
  "images": true,
  "image_workdirs": ["/app"],
  "tasks": [
    {
      "name": "prepare",
      "command": ["prepare.py", "$(HOME) {{ x }}", [["out_path", "data"]]],
      "outputs": [{"name": "data", "type": "file"}, {"name": "rows", "type": "integer"}],
      "retry": {"limit": 1, "delay": 5},
      "timeout": 600
    },
    {
      "name": "train",
      "needs": ["prepare"],
      "command": ["train.py", [["in_path", "prepare.data"]], [["output", "prepare", "rows", "integer"]]],
      "inputs": [{"name": "prepare.data", "task": "prepare", "output": "data", "filename": "data"}],
      "secrets": {"TOKEN": ["hub", "token"]}
    }
  ]
}
"""
)
