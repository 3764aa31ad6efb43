# needs: run with `make -f needs.mk`
# sha256 of the spec: 728d119a3104d72741dea27a6d998b8b8a4a2332b3cfc5b84cecc8596f2ac9e5
SHELL := /bin/sh
MAKEFLAGS += --keep-going --jobs=1
.DEFAULT_GOAL := run
.PHONY: run task.a task.b task.c task.d

run: task.a task.b task.c task.d

task.a:
	'echo' 'a'

task.b: task.a
	'echo' 'b'

task.c: task.a
	'echo' 'c'

task.d: task.b task.c
	'echo' 'd'
