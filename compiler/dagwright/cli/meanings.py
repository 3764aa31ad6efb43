"""Words of other tools for commands and options, for suggestions."""

# command or option → words with the same meaning in other tools
COMMANDS = {
    "init": "new create scaffold bootstrap start-project startproject template",
    "check": "lint validate verify vet test analyze analyse parse doctor",
    "compile": "build generate gen render emit export convert translate deploy make package synth transpile write",
    "plan": "preview dry-run dryrun tasks steps schedule next show describe inspect",
    "run": "exec execute start trigger launch apply submit play backfill",
    "resume": "retry rerun continue restart recover",
    "runs": "status history ps",
    "logs": "log tail",
    "outputs": "output artifacts results",
    "graph": "draw dag viz visualize visualise diagram tree plot dot mermaid svg",
    "explain": "error errors code codes why rule rules diagnostics",
    "support": "features targets engines capabilities compat compatibility matrix platforms",
    "schema": "jsonschema json-schema editor vscode ide lsp",
    "completion": "completions autocomplete complete shell",
    "--version": "version",
    "--help": "help man usage",
}
# words for features that do not exist → the workaround
ADVICE = {
    "ls list find search": "'dagwright check DIR' finds the specs in a folder, and 'dagwright plan SPEC' lists tasks.",
    "stop cancel kill": "Press Ctrl-C in the terminal of 'dagwright run'.",
    "clean clear prune": "'dagwright runs prune' removes old runs.",
    "format fmt fix": "No command rewrites a spec; 'dagwright check' prints a fix for each mistake.",
    "upgrade update self-update": "Upgrade it with the tool that installed it, such as 'uv tool upgrade dagwright'.",
}
OPTIONS = {
    "--target": "--targets --engine --platform --backend --for --to",
    "--output": "--out --outdir --out-dir --output-dir --output-folder --dest --destination --directory --dir",
    "--check": "--verify --diff --dry-run --dryrun --fail-on-diff",
    "--var": "--vars --set-var --define",
    "--param": "--set --arg --conf --parameter --input",
    "--only": "--select --task --tasks --target-task",
    "--from": "--start-at --after --downstream",
    "--until": "--to-task --upto --up-to --before --upstream",
    "--again": "--force --rerun",
    "--params-file": "--params --var-file --values --param-file --config --parameters",
    "--secrets-file": "--secrets --secret --env-file",
    "--parallel": "--jobs --threads --workers --concurrency --max-parallel --cores --processes",
    "--workdir": "--cwd --chdir --working-dir --work-dir",
    "--dry-run": "--dryrun --noop --no-op --plan --preview --simulate",
    "--quiet": "--silent -q -s",
    "--as": "--type --style",
    "--format": "--output-format --reporter --error-format",
    "--template": "--from --kind --example",
    "--allow-degraded": "--ignore --allow --exit-zero --no-warn",
    "--json": "--trace --as-json",
    "--version": "-V -v",
    "--help": "--usage -? --man",
}
