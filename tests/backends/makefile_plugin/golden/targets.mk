# targets: run with `make -f targets.mk`
# sha256 of the spec: 6200ed066b3fffc5fd9086cab6bc008129edec544a19e9538e3116bced6c2650
SHELL := /bin/sh
MAKEFLAGS += --keep-going --jobs=1
.DEFAULT_GOAL := run
.PHONY: run task.hello

run: task.hello

# "description": "Says hello."
# "label tier": "low"
task.hello:
	'echo' 'hello'
