"""Dry runs of tasks of every form: known values are shown, and placeholders for values known only during a run."""

from __future__ import annotations

from running import Runner

SHAPES = """
params: {names: {type: json, default: [a, "b c"]}, n: {type: integer, default: 0}, word: {type: json, default: x}}
tasks:
  grid:
    matrix: {x: [1, 2], y: [p]}
    command: [train, "${{ matrix.x }}-${{ matrix.y }}", "${{ matrix.x * 10 }}"]
  each: {foreach: params.names, command: [greet, "${{ item }}"]}
  many: {foreach: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11], command: [count, "${{ item }}"]}
  none: {foreach: params.word, command: [never, "${{ item }}"]}
  make:
    script: |
      first line
      second line
    outputs: {data: file, rows: integer, list: json}
  write: {command: [write, "--to=${{ outputs.model }}"], outputs: {model: {type: file, filename: m.bin}}}
  read:
    inputs: {given: "${{ tasks.make.outputs.data }}"}
    command: [read, "${{ inputs.given }}", "${{ tasks.make.outputs.rows }}", "${{ 1 / params.n }}"]
    when: tasks.make.outputs.rows > 0
    trigger_rule: all_success
  later: {foreach: tasks.make.outputs.list, command: [use, "${{ item }}", "${{ run.id }}"]}
  zero: {when: 1 / params.n > 0, command: ["true"]}
  certain: {when: params.n == 0, command: ["true"]}
finally:
  tell: {command: [tell, "${{ run.status }}"]}
  after: {needs: [tell], trigger_rule: all_done, command: [bye]}
"""
EXPECTED = r"""
pipeline case
param names = ["a","b c"]
param n = 0
param word = "x"
wave 1
  grid: 2 instances
    train 1-p 10
    train 2-p 20
  each: 2 instances
    greet a
    greet 'b c'
  many: 12 instances
    count 0
    count 1
    count 2
    count 3
    count 4
    count 5
    count 6
    count 7
    count 8
    count 9
    and 2 more
  none: instances are made at run time
    never '<item>'
  make
    sh -euc 'first line ...'
  write
    write '--to=$DW_OUT/m.bin'
  zero: when 1.0 / number(params.n) > 0.0 (error: division by zero)
    true
  certain: when params.n == 0 (true)
    true
wave 2
  read: needs make; when tasks.make.outputs.rows > 0
    read '$DW_IN/given/data' '<tasks.make.outputs.rows>' '<error: division by zero>'
  later: needs make; instances are made at run time
    use '<item>' '<run.id>'
finally
  tell
    tell '<run.status>'
finally, wave 2
  after: needs tell; all_done
    bye
"""


def test_a_dry_run_of_every_shape(here: Runner) -> None:
    ran = here.spec(SHAPES, "--dry-run")
    assert ran.code == 0
    assert ran.stdout == EXPECTED.removeprefix("\n")
