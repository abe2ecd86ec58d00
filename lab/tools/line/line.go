package main

import (
	"errors"
	"io"
	"sync/atomic"
	"time"
)

// inFlight is how many packets a direction holds: what a line of a gigabit a second has under way in 100 ms, and some more.
const inFlight = 16384

// line carries packets between two devices.
type line struct {
	devices    [2]io.ReadWriteCloser
	conditions atomic.Pointer[conditions]
}

// packet is under way.
type packet struct {
	bytes []byte
	due   time.Time
}

// layLine makes a device at both ends and carries packets between them until it is closed.
func layLine(mtu int, a, b end, initial conditions) (*line, error) {
	first, err := openTun(a, mtu)
	if err != nil {
		return nil, err
	}
	second, err := openTun(b, mtu)
	if err != nil {
		return nil, errors.Join(err, first.Close())
	}
	return carry(mtu, first, second, initial), nil
}

func carry(mtu int, first, second io.ReadWriteCloser, initial conditions) *line {
	laid := &line{devices: [2]io.ReadWriteCloser{first, second}}
	laid.conditions.Store(&initial)
	go laid.direct(mtu, first, second)
	go laid.direct(mtu, second, first)
	return laid
}

// direct carries packets in one direction until a device is closed or goes with its namespace.
func (l *line) direct(mtu int, from io.Reader, to io.Writer) {
	packets := make(chan packet, inFlight)
	defer close(packets)
	go deliver(packets, to)
	plan := newSchedule()
	buffer := make([]byte, mtu)
	for {
		size, err := from.Read(buffer)
		if err != nil {
			return
		}
		due, arrives := plan.arrival(time.Now(), size, l.conditions.Load())
		if !arrives {
			continue
		}
		select {
		case packets <- packet{append([]byte(nil), buffer[:size]...), due}:
		default:
			// The line is full: as everywhere, the newest is lost.
		}
	}
}

// deliver hands packets over when they are due. A device that refuses one, since it is down, loses it.
func deliver(packets <-chan packet, to io.Writer) {
	for one := range packets {
		time.Sleep(time.Until(one.due))
		_, _ = to.Write(one.bytes)
	}
}

func (l *line) close() error {
	return errors.Join(l.devices[0].Close(), l.devices[1].Close())
}
