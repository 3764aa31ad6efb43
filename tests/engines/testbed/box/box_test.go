package box_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"dagwright/testbed/box"
)

// limit is how long a box of these tests may run, which all take much less.
const limit = 20 * time.Second

var path = "PATH=/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin"

// TestMain makes this program the init program of its own boxes: those start it without arguments.
func TestMain(m *testing.M) {
	if len(os.Args) == 1 {
		box.Init()
	}
	os.Exit(m.Run())
}

// A run is a box whose command has ended, or will.
type run struct {
	*box.Box
	config box.Config
	log    string
}

func start(t *testing.T, config box.Config) *run {
	t.Helper()
	if runtime.GOOS != "linux" || os.Geteuid() != 0 {
		t.Skip("boxes need root on Linux")
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	config.Dir = filepath.Join(t.TempDir(), "a, b:c\\d") // what options of mount(2) would take apart
	if config.Env == nil {
		config.Env = []string{path}
	}
	if config.Cwd == "" {
		config.Cwd = "/"
	}
	log := filepath.Join(config.Dir, "log")
	b, err := box.Start(self, config, log)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { b.Stop(0) })
	return &run{b, config, log}
}

// ended waits for the end.
func (r *run) ended(t *testing.T) *run {
	t.Helper()
	select {
	case <-r.Done:
	case <-time.After(limit):
		t.Fatalf("not ended after %s; it wrote:\n%s", limit, r.lines(t))
	}
	return r
}

// lines is what the box wrote, without the times before each line.
func (r *run) lines(t *testing.T) []string {
	t.Helper()
	text, err := os.ReadFile(r.log)
	if err != nil {
		t.Fatal(err)
	}
	var found []string
	for line := range strings.Lines(string(text)) {
		found = append(found, strings.TrimSuffix(string(box.StripStamp([]byte(line))), "\n"))
	}
	return found
}

// until waits for a line of the box.
func (r *run) until(t *testing.T, line string) {
	t.Helper()
	for end := time.Now().Add(limit); !slices.Contains(r.lines(t), line); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) || !r.Running() {
			t.Fatalf("no line %q in %q; %s", line, r.lines(t), r.Message)
		}
	}
}

// expect fails the test where the box ended otherwise, or wrote other lines.
func (r *run) expect(t *testing.T, exit int, lines ...string) {
	t.Helper()
	r.ended(t)
	if r.Exit != exit || !slices.Equal(r.lines(t), lines) {
		t.Errorf("exit %d, lines %q, %s %s; expected exit %d, lines %q", r.Exit, r.lines(t), r.Reason, r.Message, exit, lines)
	}
}

func shell(script string) box.Config { return box.Config{Args: []string{"sh", "-c", script}} }

func below(config box.Config) box.Config {
	config.Below = true
	return config
}

func TestEnds(t *testing.T) {
	for name, c := range map[string]struct {
		script string
		exit   int
		reason string
	}{
		"good":                      {"exit 0", 0, "Completed"},
		"bad":                       {"exit 1", 1, "Error"},
		"high":                      {"exit 255", 255, "Error"},
		"as if killed":              {"exit 137", 137, "Error"},
		"a part killed":             {"sh -c 'kill -KILL $$'", 137, "Error"},
		"a part left running":       {"sleep 300 & exit 3", 3, "Error"},
		"a command that is missing": {"no-such-command-here 2>/dev/null", 127, "Error"},
	} {
		for _, under := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, below %t", name, under), func(t *testing.T) {
				config := shell(c.script)
				config.Below = under
				r := start(t, config).ended(t)
				if r.Exit != c.exit || r.Reason != c.reason || r.Message != "" {
					t.Errorf("%d %s %q, expected %d %s", r.Exit, r.Reason, r.Message, c.exit, c.reason)
				}
				if r.Running() || r.Started.After(r.Ended) {
					t.Errorf("from %s to %s, running %t", r.Started, r.Ended, r.Running())
				}
			})
		}
	}
}

// Only the command that is not process 1 ends by TERM without having asked for it.
func TestStop(t *testing.T) {
	const grace = 300 * time.Millisecond
	for name, c := range map[string]struct {
		config box.Config
		exit   int
		waits  bool
	}{
		"an order to end":                       {shell("trap 'exit 7' TERM; echo ready; while :; do sleep 0.02; done"), 7, false},
		"an order that is ignored":              {shell("trap '' TERM; echo ready; while :; do sleep 0.02; done"), 137, true},
		"an order that process 1 did not want":  {shell("echo ready; while :; do sleep 0.02; done"), 137, true},
		"an order to end, below":                {below(shell("trap 'exit 7' TERM; echo ready; while :; do sleep 0.02; done")), 7, false},
		"an order that is ignored, below":       {below(shell("trap '' TERM; echo ready; while :; do sleep 0.02; done")), 137, true},
		"an order that nobody asked for, below": {below(shell("echo ready; while :; do sleep 0.02; done")), 143, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := start(t, c.config)
			r.until(t, "ready")
			given := time.Now()
			if c.waits {
				r.Stop(grace)
			} else {
				r.Stop(limit)
			}
			took := time.Since(given)
			if r.Running() {
				t.Fatal("it still runs")
			}
			if r.Exit != c.exit || c.waits && took < grace || took > limit/2 {
				t.Errorf("exit %d after %s, expected %d", r.Exit, took, c.exit)
			}
		})
	}
}

func TestKill(t *testing.T) {
	for _, under := range []bool{false, true} {
		t.Run(fmt.Sprintf("below %t", under), func(t *testing.T) {
			config := shell("echo ready; sleep 300")
			config.Below = under
			r := start(t, config)
			r.until(t, "ready")
			if !r.Running() {
				t.Fatal("it does not run")
			}
			r.Signal(syscall.SIGKILL)
			r.expect(t, 137, "ready")
			if r.Reason != "Error" {
				t.Error(r.Reason)
			}
		})
	}
}

func TestStartError(t *testing.T) {
	text := filepath.Join(machineFolder(t), "text")
	write(t, text, "neither a program nor a script\n")
	if err := os.Chmod(text, 0o755); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		config box.Config
		told   string
	}{
		"a name not in PATH":        {box.Config{Args: []string{"no-such-command-here"}}, `exec: "no-such-command-here": executable file not found in $PATH`},
		"no PATH":                   {box.Config{Args: []string{"sh"}, Env: []string{"A=b"}}, `exec: "sh": executable file not found in $PATH`},
		"a path that is missing":    {box.Config{Args: []string{"/no/such/file"}}, `exec: "/no/such/file": no such executable file`},
		"a file not executable":     {box.Config{Args: []string{"/etc/passwd"}}, `exec: "/etc/passwd": no such executable file`},
		"a path below the folder":   {box.Config{Args: []string{"./here"}, Cwd: "/var"}, `exec: "/var/here": no such executable file`},
		"a folder":                  {box.Config{Args: []string{"/var"}}, "exec /var: "},
		"no program":                {box.Config{Args: []string{text}}, "exec " + text + ": "},
		"a mount that is not there": {box.Config{Args: []string{"true"}, Binds: []box.Bind{{Source: "/no/such/source", Target: "/mnt/it"}}}, "/no/such/source: no such file or directory"},
	} {
		for _, under := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, below %t", name, under), func(t *testing.T) {
				c.config.Below = under
				r := start(t, c.config).ended(t)
				if r.Exit != 128 || r.Reason != "StartError" || !strings.HasPrefix(r.Message, c.told) {
					t.Errorf("%d %s %q, expected 128 StartError with %q", r.Exit, r.Reason, r.Message, c.told)
				}
			})
		}
	}
}

func TestOwnProcesses(t *testing.T) {
	const script = "echo $$; cat /proc/1/comm; set -- /proc/[0-9]*; echo $#"
	start(t, shell(script)).expect(t, 0, "1", "sh", "1")

	self, err := os.ReadFile("/proc/self/comm")
	if err != nil {
		t.Fatal(err)
	}
	r := start(t, below(shell(script))).ended(t)
	lines := r.lines(t)
	if len(lines) != 3 || lines[0] == "1" || lines[1] != strings.TrimSpace(string(self)) || lines[2] != "2" {
		t.Errorf("exit %d, %q: the command is process 1, or sees other processes than its own and its parent", r.Exit, lines)
	}
}

func TestOwnTmp(t *testing.T) {
	theirs, err := os.MkdirTemp("/tmp", "box-test-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(theirs) })
	made := theirs + "-made"
	t.Cleanup(func() { os.Remove(made) })
	script := fmt.Sprintf("ls -A /tmp | wc -l; stat -c %%a /tmp; echo text > %s; cat /tmp/*", made)
	first := start(t, shell(script))
	first.expect(t, 0, "0", "1777", "text")
	start(t, shell(script)).expect(t, 0, "0", "1777", "text")
	if _, err := os.Stat(made); err == nil {
		t.Error("the box wrote into the machine's /tmp")
	}
	if got := read(t, filepath.Join(first.config.Dir, made)); got != "text\n" {
		t.Errorf("its /tmp holds %q", got)
	}
}

// What a box writes, changes and deletes lies in its own layer.
func TestWrites(t *testing.T) {
	folder := machineFolder(t)
	for _, name := range []string{"changed", "deleted"} {
		write(t, filepath.Join(folder, name), "before")
	}
	r := start(t, shell(fmt.Sprintf("cd %s; cat changed; echo after | tee changed made; rm deleted; ls", folder)))
	r.expect(t, 0, "beforeafter", "changed", "made")
	for name, text := range map[string]string{"changed": "before", "deleted": "before"} {
		if got := read(t, filepath.Join(folder, name)); got != text {
			t.Errorf("%s of the machine is %q", name, got)
		}
	}
	if _, err := os.Stat(filepath.Join(folder, "made")); err == nil {
		t.Error("the box made a file of the machine")
	}
	for _, name := range []string{"changed", "made"} {
		if got := read(t, filepath.Join(r.config.Dir, "upper", folder, name)); got != "after\n" {
			t.Errorf("%s of the layer is %q", name, got)
		}
	}
	start(t, shell(fmt.Sprintf("cd %s; cat changed; ls", folder))).expect(t, 0, "beforechanged", "deleted")
}

func TestBinds(t *testing.T) {
	folder := machineFolder(t)
	for _, name := range []string{"open/kept", "shut/kept", "file"} {
		write(t, filepath.Join(folder, name), name+"\n")
	}
	config := shell(strings.Join([]string{
		"cat /var/run/new/open/kept /mnt/shut/kept /mnt/file",
		"echo more >> /var/run/new/open/made",
		"(echo more >> /mnt/shut/kept) 2>/dev/null || echo refused",
		"(echo more >> /mnt/shut/made) 2>/dev/null || echo refused",
		"(echo more >> /mnt/file) 2>/dev/null || echo refused",
	}, "\n"))
	config.Binds = []box.Bind{
		{Source: filepath.Join(folder, "open"), Target: "/var/run/new/open"}, // below a link
		{Source: filepath.Join(folder, "shut"), Target: "/mnt/shut", ReadOnly: true},
		{Source: filepath.Join(folder, "file"), Target: "/mnt/file", ReadOnly: true},
	}
	start(t, config).expect(t, 0, "open/kept", "shut/kept", "file", "refused", "refused", "refused")
	for name, text := range map[string]string{"open/kept": "open/kept\n", "open/made": "more\n", "shut/kept": "shut/kept\n", "file": "file\n"} {
		if got := read(t, filepath.Join(folder, name)); got != text {
			t.Errorf("%s is %q", name, got)
		}
	}
	if _, err := os.Stat(filepath.Join(folder, "shut", "made")); err == nil {
		t.Error("a file was made on a read-only mount")
	}
	if _, err := os.Stat("/mnt/shut"); err == nil {
		t.Error("the mount is seen on the machine")
	}
}

func TestLog(t *testing.T) {
	long := strings.Repeat("x", 200_000)
	script := "echo one; sleep 0.05; echo 'two words' >&2; echo; head -c 200000 /dev/zero | tr '\\0' x; echo; printf 'no end'"
	r := start(t, shell(script))
	r.expect(t, 0, "one", "two words", "", long, "no end")
	stamp := regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z $`)
	last := r.Started
	for line := range strings.Lines(read(t, r.log)) {
		found, _, _ := strings.Cut(line, " ")
		at, err := time.Parse(time.RFC3339Nano, found)
		if !stamp.MatchString(found+" ") || err != nil || at.Before(last) || at.After(r.Ended) {
			t.Errorf("%q after %s: %v", found, last, err)
		}
		last = at
	}
	if last.Sub(r.Started) < 50*time.Millisecond {
		t.Error("the lines have not the times at which they came")
	}
}

func TestPlace(t *testing.T) {
	user := shell("id -u; echo text > /tmp/own && stat -c %u /tmp/own; (echo > /etc/passwd) 2>/dev/null || echo refused")
	user.UID = 12345
	group := shell("id -g")
	group.GID = 2345
	for name, c := range map[string]struct {
		config box.Config
		lines  []string
	}{
		"a working directory":          {box.Config{Args: []string{"pwd"}, Cwd: "/usr/bin"}, []string{"/usr/bin"}},
		"a working directory to make":  {box.Config{Args: []string{"sh", "-c", "pwd; ls -A"}, Cwd: "/var/new/one"}, []string{"/var/new/one"}},
		"a path from there":            {box.Config{Args: []string{"bin/env"}, Cwd: "/usr", Env: []string{"A=b"}}, []string{"A=b"}},
		"the environment and no other": {box.Config{Args: []string{"env"}, Env: []string{path, "A=b c", "B="}}, []string{path, "A=b c", "B="}},
		"the same, below":              {below(box.Config{Args: []string{"env"}, Env: []string{path, "A=b c", "B="}}), []string{path, "A=b c", "B="}},
		"arguments as they are":        {box.Config{Args: []string{"printf", "%s|", "", "a b", "$A"}}, []string{"|a b|$A|"}},
		"a name":                       {box.Config{Args: []string{"cat", "/proc/sys/kernel/hostname"}, Hostname: "my-pod"}, []string{"my-pod"}},
		"a user":                       {user, []string{"12345", "12345", "refused"}},
		"a user, below":                {below(user), []string{"12345", "12345", "refused"}},
		"a group":                      {group, []string{"2345"}},
		"root unless told":             {shell("id -u; id -g"), []string{"0", "0"}},
		"devices":                      {shell("echo lost > /dev/null; head -c 3 /dev/zero | wc -c; echo seen > /dev/stderr; touch /dev/shm/a && ls /dev/shm"), []string{"3", "seen", "a"}},
		"no input":                     {shell("wc -c"), []string{"0"}},
		"a system only to be read":     {shell("grep ' /sys' /proc/self/mounts | grep -v ' ro[, ]'; cut -d ' ' -f 2 /proc/self/mounts | grep -x /sys"), []string{"/sys"}},
	} {
		t.Run(name, func(t *testing.T) { start(t, c.config).expect(t, 0, c.lines...) })
	}
	if name, _ := os.Hostname(); name == "my-pod" {
		t.Error("the machine has the name of a box")
	}
}

// What a box started ends with it, also when only its first process is killed.
func TestNothingStays(t *testing.T) {
	for _, under := range []bool{false, true} {
		t.Run(fmt.Sprintf("below %t", under), func(t *testing.T) {
			config := shell("setsid sleep 300 & echo ready; sleep 300")
			config.Below = under
			r := start(t, config)
			r.until(t, "ready")
			inside := sharing(t, r.PID())
			if len(inside) < 2 {
				t.Fatalf("its processes are %v", inside)
			}
			r.Signal(syscall.SIGKILL)
			r.ended(t)
			for _, pid := range inside {
				if syscall.Kill(pid, 0) == nil {
					t.Errorf("process %d has outlived its box", pid)
				}
			}
		})
	}
}

// sharing lists the processes of the machine in the namespace of one.
func sharing(t *testing.T, pid int) []int {
	t.Helper()
	wanted, err := os.Readlink(fmt.Sprintf("/proc/%d/ns/pid", pid))
	if err != nil {
		t.Fatal(err)
	}
	all, _ := filepath.Glob("/proc/[0-9]*")
	var found []int
	for _, folder := range all {
		if space, err := os.Readlink(folder + "/ns/pid"); err == nil && space == wanted {
			n, _ := strconv.Atoi(filepath.Base(folder))
			found = append(found, n)
		}
	}
	return found
}

// machineFolder is a folder of the machine that boxes see, as they do not see /tmp.
func machineFolder(t *testing.T) string {
	t.Helper()
	found, err := os.MkdirTemp("/var/tmp", "box-test-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(found) })
	return found
}

func write(t *testing.T, file, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

func read(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
