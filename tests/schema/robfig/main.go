// Prints the ticks of cron expressions as Argo's parser, robfig/cron, makes them.
//
// Each line of standard input is `zone<TAB>from (unix)<TAB>to (unix)<TAB>expression`; the answer to each is a line of
// unix times, or `error: ...`.
package main

import (
	"bufio"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/robfig/cron/v3"
)

func ticks(zone string, from, to int64, expression string) string {
	schedule, err := cron.ParseStandard("CRON_TZ=" + zone + " " + expression)
	if err != nil {
		return "error: " + err.Error()
	}
	var found []string
	for at := schedule.Next(time.Unix(from, 0)); !at.IsZero() && at.Unix() < to; at = schedule.Next(at) {
		found = append(found, strconv.FormatInt(at.Unix(), 10))
	}
	return strings.Join(found, " ")
}

func main() {
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		part := strings.SplitN(lines.Text(), "\t", 4)
		from, _ := strconv.ParseInt(part[1], 10, 64)
		to, _ := strconv.ParseInt(part[2], 10, 64)
		fmt.Println(ticks(part[0], from, to, part[3]))
	}
}
