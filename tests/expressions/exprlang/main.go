// Evaluates expressions of expr-lang as Argo Workflows 4.0 does: one JSON object a line in, one out.
//
// In:  {"expression": "…", "tasks": {…}, "workflow": {…}, "more": {…}}, `more` holding further roots such as `inputs`
// Out: {"value": …} with the result as JSON, or {"error": "…"}.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"

	sprig "github.com/Masterminds/sprig/v3"
	"github.com/evilmonkeyinc/jsonpath"
	"github.com/expr-lang/expr"
	"github.com/expr-lang/expr/builtin"
)

type request struct {
	Expression string         `json:"expression"`
	Tasks      map[string]any `json:"tasks"`
	Workflow   map[string]any `json:"workflow"`
	More       map[string]any `json:"more"`
}

type response struct {
	Value json.RawMessage `json:"value,omitempty"`
	Error string          `json:"error,omitempty"`
}

// functions are the ones that Argo puts beside the built-in ones.
func functions() map[string]any {
	generic := sprig.GenericFuncMap()
	delete(generic, "env")
	delete(generic, "expandenv")
	return map[string]any{
		"asInt":   builtin.Int,
		"asFloat": builtin.Float,
		"sprig":   generic,
		"toJson": func(value any) string {
			text, err := json.Marshal(value)
			if err != nil {
				panic(err)
			}
			return string(text)
		},
		"jsonpath": func(text string, path string) any {
			var parsed any
			if err := json.Unmarshal([]byte(text), &parsed); err != nil {
				panic(err)
			}
			found, err := jsonpath.Query(path, parsed)
			if err != nil {
				panic(err)
			}
			return found
		},
	}
}

func evaluate(line []byte, shared map[string]any) response {
	var asked request
	if err := json.Unmarshal(line, &asked); err != nil {
		return response{Error: "bad request: " + err.Error()}
	}
	env := map[string]any{"tasks": asked.Tasks, "workflow": asked.Workflow}
	for name, value := range asked.More {
		env[name] = value
	}
	for name, function := range shared {
		env[name] = function
	}
	program, err := expr.Compile(asked.Expression, expr.Env(env))
	if err != nil {
		return response{Error: "compile: " + err.Error()}
	}
	result, err := expr.Run(program, env)
	if err != nil {
		return response{Error: err.Error()}
	}
	if result == nil {
		return response{Error: "nil"} // Argo takes this for an error
	}
	text, err := json.Marshal(result)
	if err != nil {
		return response{Error: "marshal: " + err.Error()}
	}
	return response{Value: text}
}

func main() {
	shared := functions()
	in := bufio.NewReaderSize(os.Stdin, 1<<20)
	out := json.NewEncoder(os.Stdout)
	for {
		line, err := in.ReadBytes('\n')
		if len(line) > 0 {
			if failed := out.Encode(evaluate(line, shared)); failed != nil {
				fmt.Fprintln(os.Stderr, failed)
				os.Exit(1)
			}
		}
		if err != nil {
			return
		}
	}
}
