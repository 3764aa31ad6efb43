# Appended to generated DAG files by the tests: pushes facts for traces that production files do not store.
# "attempts": the try that has started the program, since Airflow also counts tries that fail earlier.
# "no_instances": the condition of a fan-out could not be evaluated.


def _probe(run, conditions):
    identity = run.identity

    def observed_identity(self, *args):
        self.ti.xcom_push(key="attempts", value=self.ti.try_number)
        return identity(self, *args)

    def observed(condition):
        def check(self, step):
            try:
                condition(self, step)
            except AirflowFailException:  # noqa: F821 - a name of the generated file
                self.ti.xcom_push(key="no_instances", value=True)
                raise

        return check

    run.identity = observed_identity
    for key in [key for key in conditions if key == "when"]:
        conditions[key] = observed(conditions[key])


if "Run" in globals() and hasattr(Run, "identity"):  # noqa: F821
    _probe(Run, globals().get("CONDITIONS", {}))  # noqa: F821
