PLAN = json.loads(
    r"""
{
  "name": "foreach-literal",
  "digest": "8f99bf365bfc6a542c66237130195b5d39641a7ccc64781c027cc73fc84b5866",
  "tool": "0.1.0",
  "tasks": [
    {
      "name": "load",
      "fan_out": {"items": [["const", "north"], ["const", "south"], ["const", "it's {{ west }}"]]},
      "command": ["load.py", [["item", "string"]]]
    }
  ]
}
"""
)
