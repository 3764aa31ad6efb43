PLAN = json.loads(
    r"""
{
  "name": "script",
  "digest": "c531401d7c7c5158f2953d214111dbe9597d8c079eb8622114d93d02587a4540",
  "tool": "0.1.0",
  "tasks": [
    {
      "name": "shell",
      "interpreter": ["sh", "-euc"],
      "script": [
        "echo \"one $HOME\"",
        "echo two",
        ""
      ]
    },
    {
      "name": "python",
      "interpreter": ["python3", "-c"],
      "script": [
        "print(\"{{ not a template }}\")"
      ]
    }
  ]
}
"""
)
