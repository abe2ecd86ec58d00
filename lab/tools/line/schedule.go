package main

import (
	"fmt"
	"math/rand/v2"
	"time"
)

// conditions are how a line behaves, each way.
type conditions struct {
	// Milliseconds that a packet takes.
	DelayMs float64 `json:"delayMs"`
	// Packets lost, 0 to 100 percent.
	LossPercent float64 `json:"lossPercent"`
	// Megabits a second; nil where nothing limits it.
	RateMbit *float64 `json:"rateMbit"`
}

func (c conditions) check() error {
	switch {
	case c.DelayMs < 0:
		return fmt.Errorf("a delay of %g ms", c.DelayMs)
	case c.LossPercent < 0 || c.LossPercent > 100:
		return fmt.Errorf("a loss of %g percent", c.LossPercent)
	case c.RateMbit != nil && *c.RateMbit <= 0:
		return fmt.Errorf("a rate of %g Mbit/s", *c.RateMbit)
	}
	return nil
}

// maxWait is how long a packet waits at most until a limited line is free: a router's buffer that is neither tiny nor bloated.
const maxWait = 250 * time.Millisecond

// schedule decides about the packets of one direction of a line, one after the other.
type schedule struct {
	// When the line has sent everything that was given to it.
	free time.Time
	// When the last packet arrives: none overtakes another, not even where the delay becomes shorter.
	last time.Time
	// A number from 0 up to 1, by chance.
	chance func() float64
}

func newSchedule() *schedule {
	return &schedule{chance: rand.Float64}
}

// arrival returns when a packet arrives that is sent now, and false where it never does.
func (s *schedule) arrival(now time.Time, bytes int, c *conditions) (time.Time, bool) {
	if c.LossPercent > 0 && s.chance()*100 < c.LossPercent {
		return time.Time{}, false
	}
	sent := now
	if c.RateMbit != nil {
		if s.free.After(now) {
			sent = s.free
		}
		if sent.Sub(now) > maxWait {
			return time.Time{}, false
		}
		// A megabit a second is a bit a microsecond.
		sent = sent.Add(time.Duration(float64(bytes) * 8 / *c.RateMbit * float64(time.Microsecond)))
		s.free = sent
	}
	due := sent.Add(time.Duration(c.DelayMs * float64(time.Millisecond)))
	if due.Before(s.last) {
		due = s.last
	}
	s.last = due
	return due, true
}
