PLAN = json.loads(
    r"""
{
  "name": "airflow-settings",
  "digest": "a0d3237f5e1b51204cf8677d536a073064ff4ec6f25152605560efd1e4305243",
  "tool": "0.1.0",
  "images": true,
  "tasks": [
    {
      "name": "load",
      "command": ["./load.sh"],
      "outputs": [{"name": "n", "type": "integer"}]
    },
    {
      "name": "fit",
      "needs": ["load"],
      "command": ["fit"]
    }
  ]
}
"""
)
