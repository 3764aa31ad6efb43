"""Large random pipelines from a seed, with rules, conditions, outputs, loops and failures."""

from __future__ import annotations

import random

_HEAD = """\
apiVersion: dagwright/v1
name: mixed
targets: {argo: {image: busybox}, local: {}}
params: {stop: {type: boolean, default: false}, k: {type: integer, default: 3}}
components:
  step:
    inputs: {word: string}
    script: echo "$WORD" > "$DW_OUT/word"
    env: {WORD: "${{ inputs.word }}"}
    outputs: {word: string}
tasks:
"""
_RULES = ("all_success", "none_failed", "none_failed_min_one_success", "any_failed", "all_done")


def mixed(count: int, seed: int) -> str:
    """A spec of `count` tasks, each with needs among the sixty before it; some tasks need forty of all."""
    chance = random.Random(seed)
    lines: list[str] = []
    steps: set[str] = set()
    for at in range(count):
        name = f"t_{at:03}"
        wide = at % 97 == 96
        among = range(0 if wide else max(0, at - 60), at)
        wanted = 40 if wide else chance.choice((0, 1, 1, 2, 2, 3))
        needs = [f"t_{n:03}" for n in sorted(chance.sample(among, min(wanted, len(among))))]
        keys = [f"needs: [{', '.join(needs)}]"] if needs else []
        rule = chance.choices(_RULES, (10, 4, 3, 1, 4))[0] if needs else _RULES[0]
        keys += [f"trigger_rule: {rule}"] if rule != _RULES[0] else []
        keys += _condition(chance.random(), needs)
        kind = chance.random()
        if kind < 0.05:
            keys.append("command: ['false']")
        elif kind < 0.10:
            keys.append("matrix: {x: [1, 2]}, command: [echo, '${{ matrix.x }}']")
        elif kind < 0.5:
            read = next((need for need in reversed(needs) if need in steps), None)
            word = name if read is None else f"{name}<${{{{ default(tasks.{read}.outputs.word, 'none') }}}}"
            keys.append(f'uses: step, with: {{word: "{word}"}}')
            steps.add(name)
        else:
            keys.append(f"command: ['true', {name}]")
        lines.append(f"  {name}: {{{', '.join(keys)}}}\n")
    return _HEAD + "".join(lines)


def _condition(kind: float, needs: list[str]) -> list[str]:
    if kind < 0.06:
        return ["when: params.stop"]
    if kind < 0.12:
        return ["when: params.k > 2"]
    if kind < 0.18 and needs:
        return [f"when: 'tasks.{needs[0]}.status != \"failed\"'"]
    return []
