PLAN = json.loads(
    r"""
{
  "name": "literal-text",
  "digest": "8a3187abc9090e50af2bf1bea15293ebac471dfbd9fff56665b5144ea4536ff2",
  "tool": "0.1.0",
  "tasks": [
    {
      "name": "echo",
      "command": [
        "printf",
        "%s",
        "{{ jinja }} {% raw %} {# c #}",
        "{{workflow.name}} {{=1+1}} {{inputs.parameters.x}}",
        "$(HOME) $$(HOME) $HOME `id` \\ \" ' \n tab\t",
        "\u00e9 \ud83d\ude00 \u4e2d",
        "${{ not a reference }}",
        "run.sh"
      ],
      "env": {"TEXT": "line one\nline two\n", "BRACES": "{{ '{{' }} }} {{"}
    }
  ]
}
"""
)
