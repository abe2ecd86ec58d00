package main

import (
	"testing"
	"time"
)

var start = time.Unix(1000, 0)

func megabits(rate float64) *float64 { return &rate }

// sureThing is a schedule whose chance is always the same number.
func sureThing(chance float64) *schedule {
	return &schedule{chance: func() float64 { return chance }}
}

func TestPacketsTakeTheDelay(t *testing.T) {
	due, arrives := newSchedule().arrival(start, 1500, &conditions{DelayMs: 12.5})
	if !arrives || due.Sub(start) != 12500*time.Microsecond {
		t.Fatalf("arrives %v after %v", arrives, due.Sub(start))
	}
}

func TestLossIsAsFrequentAsSaid(t *testing.T) {
	for _, one := range []struct {
		chance, loss float64
		arrives      bool
	}{{0, 0, true}, {0.29, 30, false}, {0.31, 30, true}, {0.999, 100, false}} {
		if _, arrives := sureThing(one.chance).arrival(start, 100, &conditions{LossPercent: one.loss}); arrives != one.arrives {
			t.Errorf("chance %g, loss %g: arrives %v", one.chance, one.loss, arrives)
		}
	}
}

func TestALimitedLineSendsOneAfterTheOther(t *testing.T) {
	plan, limited := newSchedule(), &conditions{DelayMs: 5, RateMbit: megabits(10)}
	for number := 1; number <= 3; number++ {
		// 1,250 bytes are 10,000 bits: a millisecond at 10 Mbit/s.
		due, _ := plan.arrival(start, 1250, limited)
		if want := time.Duration(number+5) * time.Millisecond; due.Sub(start) != want {
			t.Errorf("packet %d arrives after %v, not %v", number, due.Sub(start), want)
		}
	}
}

func TestALimitedLineThatIsFullLosesTheNewest(t *testing.T) {
	plan, limited := newSchedule(), &conditions{RateMbit: megabits(1)}
	arrived := 0
	for range 100 {
		if _, arrives := plan.arrival(start, 1250, limited); arrives {
			arrived++
		}
	}
	// A packet takes 10 ms: 25 wait at most 250 ms, and one more is sent at once.
	if arrived != 26 {
		t.Fatalf("%d of 100 arrive", arrived)
	}
	if _, arrives := plan.arrival(start.Add(time.Second), 1250, limited); !arrives {
		t.Fatal("an empty line loses a packet")
	}
}

func TestNoPacketOvertakesAnother(t *testing.T) {
	plan := newSchedule()
	slow, _ := plan.arrival(start, 100, &conditions{DelayMs: 100})
	quick, _ := plan.arrival(start.Add(time.Millisecond), 100, &conditions{DelayMs: 1})
	if quick.Before(slow) {
		t.Fatalf("the second arrives %v before the first", slow.Sub(quick))
	}
}
