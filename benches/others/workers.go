// What the workers of these benches do, in Go: goroutines and nothing else, and
// services of suture. See ../README.md.
package main

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand"
	"os"
	"sort"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/thejerf/suture/v4"
)

const usage = `usage: workers WAY "start and stop" | "restart after panic" | "restart after Err" UNITS
       workers WAY storm WORKERS SECONDS
WAY: goroutine | suture`

// How a way does what is asked of it.
type way struct {
	// Starts workers, waits until all are up, stops them, and waits until all
	// are gone.
	crew func(workers int)
	// Has one worker fail and be restarted that often.
	restarts func(count int, fail func() error)
	// Starts workers that fail for ever.
	storm func(workers int)
}

var ways = map[string]way{
	"goroutine": {crewOfGoroutines, respawned, stormOfGoroutines},
	"suture":    {crewOfServices, restartedService, stormOfServices},
}

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(arguments []string) error {
	if len(arguments) < 3 {
		return errors.New(usage)
	}
	way, known := ways[arguments[0]]
	units, err := strconv.Atoi(arguments[2])
	if !known || err != nil {
		return errors.New(usage)
	}
	switch scenario := arguments[1]; {
	case scenario == "start and stop":
		return weigh(units, way.crew)
	case scenario == "restart after panic":
		return weigh(units, func(count int) { way.restarts(count, panicking) })
	case scenario == "restart after Err":
		return weigh(units, func(count int) { way.restarts(count, failing) })
	case scenario == "storm" && len(arguments) == 4:
		seconds, err := strconv.Atoi(arguments[3])
		if err != nil {
			return err
		}
		return watch(units, time.Duration(seconds)*time.Second, way.storm)
	}
	return errors.New(usage)
}

// Workers that are counted as they come, and told to stop by their context.

type crew struct {
	missing  atomic.Int64
	complete chan struct{}
}

func crewOf(workers int) *crew {
	crew := &crew{complete: make(chan struct{})}
	crew.missing.Store(int64(workers))
	return crew
}

func (c *crew) Serve(ctx context.Context) error {
	if c.missing.Add(-1) == 0 {
		close(c.complete)
	}
	<-ctx.Done()
	return ctx.Err()
}

func (*crew) String() string { return "started" }

func crewOfGoroutines(workers int) {
	ctx, stop := context.WithCancel(context.Background())
	crew := crewOf(workers)
	var gone sync.WaitGroup
	gone.Add(workers)
	for i := 0; i < workers; i++ {
		go func() {
			defer gone.Done()
			_ = crew.Serve(ctx)
		}()
	}
	<-crew.complete
	stop()
	gone.Wait()
}

func crewOfServices(workers int) {
	ctx, stop := context.WithCancel(context.Background())
	crew := crewOf(workers)
	supervisor := supervisor()
	for i := 0; i < workers; i++ {
		supervisor.Add(crew)
	}
	ended := supervisor.ServeBackground(ctx)
	<-crew.complete
	stop()
	<-ended
}

// One worker that fails as soon as it runs, again and again.

func panicking() error { panic("boom") }

func failing() error { return errors.New("boom") }

// A goroutine that panics ends the process, so each contains its own.
func respawned(count int, fail func() error) {
	worker := func() (err error) {
		defer func() {
			if panic := recover(); panic != nil {
				err = fmt.Errorf("%v", panic)
			}
		}()
		if count == 0 {
			return nil
		}
		count--
		return fail()
	}
	ended := make(chan error)
	for failed := true; failed; {
		go func() { ended <- worker() }()
		failed = <-ended != nil
	}
}

type unlucky struct {
	failures int
	fail     func() error
	done     chan struct{}
}

func (u *unlucky) Serve(context.Context) error {
	if u.failures == 0 {
		close(u.done)
		return suture.ErrDoNotRestart
	}
	u.failures--
	return u.fail()
}

func (*unlucky) String() string { return "failing" }

func restartedService(count int, fail func() error) {
	ctx, stop := context.WithCancel(context.Background())
	worker := &unlucky{failures: count, fail: fail, done: make(chan struct{})}
	supervisor := supervisor()
	supervisor.Add(worker)
	ended := supervisor.ServeBackground(ctx)
	<-worker.done
	stop()
	<-ended
}

// Workers that fail for ever, about a second after they failed before.

var runs atomic.Int64

func jittered() time.Duration {
	return time.Duration((0.5 + rand.Float64()/2) * float64(time.Second))
}

// They fail not: it is what the timers cost.
func stormOfGoroutines(workers int) {
	for i := 0; i < workers; i++ {
		go func() {
			for {
				runs.Add(1)
				time.Sleep(jittered())
			}
		}()
	}
}

// suture waits for all of its services or for none: each waits by itself.
type stormy struct{ failed bool }

func (s *stormy) Serve(context.Context) error {
	if s.failed {
		time.Sleep(jittered())
	}
	s.failed = true
	runs.Add(1)
	panic("boom")
}

func (*stormy) String() string { return "storm" }

func stormOfServices(workers int) {
	supervisor := supervisor()
	for i := 0; i < workers; i++ {
		supervisor.Add(&stormy{})
	}
	supervisor.ServeBackground(context.Background())
}

// Restarts at once and without a limit, and tells nobody.
func supervisor() *suture.Supervisor {
	return suture.New("benches", suture.Spec{
		EventHook:        func(suture.Event) {},
		FailureThreshold: math.Inf(1),
		Timeout:          time.Minute,
	})
}

// Prints what one unit takes: microseconds of the processor, and by how many bytes
// it raised what the process had in memory at most.
func weigh(units int, scenario func(units int)) error {
	few := units / 10
	scenario(few)
	before, err := resident("VmHWM:")
	if err != nil {
		return err
	}
	began := processor()
	scenario(units)
	took := processor() - began
	after, err := resident("VmHWM:")
	if err != nil {
		return err
	}
	microseconds := float64(took.Nanoseconds()) / 1e3 / float64(units)
	fmt.Println(microseconds, (after-before)/float64(units-few))
	return nil
}

// Prints restarts per second, microseconds of the processor for one, the delay of
// a tick beside them in milliseconds (median, 99th percentile), and the megabytes in
// memory.
func watch(workers int, duration time.Duration, storm func(workers int)) error {
	began := processor()
	storm(workers)
	var delays []float64
	for first := time.Now(); time.Since(first) < duration; {
		passed := time.Since(first).Truncate(time.Millisecond)
		due := first.Add(passed + time.Millisecond)
		time.Sleep(time.Until(due))
		delays = append(delays, float64(time.Since(due).Nanoseconds())/1e6)
	}
	count := float64(runs.Load())
	microseconds := float64((processor() - began).Nanoseconds()) / 1e3
	bytes, err := resident("VmRSS:")
	if err != nil {
		return err
	}
	sort.Float64s(delays)
	half, most := delays[len(delays)*50/100], delays[len(delays)*99/100]
	fmt.Println(count/duration.Seconds(), microseconds/count, half, most, bytes/1024/1024)
	return nil
}

// The time of the processor that this process has taken.
func processor() time.Duration {
	var usage syscall.Rusage
	// It fails for no process that asks about itself.
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &usage)
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

// Bytes, by Linux.
func resident(field string) (float64, error) {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0, err
	}
	_, line, _ := strings.Cut(string(status), field)
	kilobytes, _, _ := strings.Cut(line, " kB")
	number, err := strconv.ParseFloat(strings.TrimSpace(kilobytes), 64)
	return number * 1024, err
}
