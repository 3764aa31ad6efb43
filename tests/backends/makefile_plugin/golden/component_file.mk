# component-file: run with `make -f component-file.mk`
# sha256 of the spec: 0d841dae4ba18fe4b49d1541d25d4763e988c4eed9430bdb107927a333253152
SHELL := /bin/sh
MAKEFLAGS += --keep-going --jobs=1
.DEFAULT_GOAL := run
.PHONY: run task.one task.two

run: task.one task.two

task.one:
	'train.py' 'gbm'

task.two:
	'train.py' 'mlp-mlp'
