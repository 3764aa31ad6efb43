# command: run with `make -f command.mk`
# sha256 of the spec: 5a20d34cd6a3bb5b071f375d8e3fb56c6fc4f345ac10271fc1d99bb093758484
SHELL := /bin/sh
MAKEFLAGS += --keep-going --jobs=1
.DEFAULT_GOAL := run
.PHONY: run task.hello

run: task.hello

task.hello:
	'echo' 'hello' 'two words'
