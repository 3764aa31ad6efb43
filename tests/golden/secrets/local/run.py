PLAN = json.loads(
    r"""
{
  "name": "secrets",
  "digest": "7e977b832039cb4508d7f6a864250693bdd1e1ef187ae0d690ed84aecb1f10fc",
  "tool": "0.1.0",
  "tasks": [
    {
      "name": "deploy",
      "command": ["./deploy.sh"],
      "secrets": {"DEPLOY_TOKEN": ["deploy", "token"], "DB_PASSWORD": ["my-db", "password"]}
    }
  ]
}
"""
)
