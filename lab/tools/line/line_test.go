package main

import (
	"io"
	"net"
	"strings"
	"testing"
	"time"
)

// wires returns a line between two pipes, and the outer ends of these.
func wires(t *testing.T, initial conditions) (*line, net.Conn, net.Conn) {
	t.Helper()
	near, nearInner := net.Pipe()
	far, farInner := net.Pipe()
	laid := carry(1500, nearInner, farInner, initial)
	t.Cleanup(func() { _ = laid.close() })
	return laid, near, far
}

func receive(t *testing.T, from net.Conn) string {
	t.Helper()
	buffer := make([]byte, 1500)
	_ = from.SetReadDeadline(time.Now().Add(5 * time.Second))
	size, err := from.Read(buffer)
	if err != nil {
		t.Fatal(err)
	}
	return string(buffer[:size])
}

func TestALineCarriesBothWaysInOrder(t *testing.T) {
	_, near, far := wires(t, conditions{DelayMs: 5})
	for _, text := range []string{"one", "two", "three"} {
		_, _ = near.Write([]byte(text))
	}
	_, _ = far.Write([]byte("back"))
	for _, text := range []string{"one", "two", "three"} {
		if got := receive(t, far); got != text {
			t.Fatalf("%q instead of %q", got, text)
		}
	}
	if got := receive(t, near); got != "back" {
		t.Fatalf("%q comes back", got)
	}
}

func TestConditionsChangeWhileItRuns(t *testing.T) {
	laid, near, far := wires(t, conditions{LossPercent: 100})
	_, _ = near.Write([]byte("lost"))
	// The write returns when the line has read it, and the line reads again once it has decided.
	_, _ = near.Write([]byte("lost as well"))
	laid.conditions.Store(&conditions{})
	_, _ = near.Write([]byte("arrives"))
	_, _ = near.Write([]byte("arrives too"))
	if got := receive(t, far); got == "lost" {
		t.Fatal("a packet arrives over a line that loses all")
	}
}

func TestRequestsAreAnswered(t *testing.T) {
	var answers strings.Builder
	requests := strings.Join([]string{
		`{"set":{"name":"x","delayMs":1}}`,
		`{"remove":"y"}`,
		`{"add":{"name":"z","ends":[]}}`,
		`{"add":{"name":"z","ends":[{},{}],"lossPercent":101}}`,
		`{}`,
		`nonsense`,
	}, "\n")
	if err := serve(strings.NewReader(requests), &answers); err != nil && err != io.EOF {
		t.Fatal(err)
	}
	for number, said := range []string{`"name":"x"`, `"name":"y"`, "two ends", "101", "adds, sets", "invalid"} {
		line := strings.Split(answers.String(), "\n")[number]
		if !strings.Contains(line, said) || !strings.Contains(line, "error") {
			t.Errorf("%s does not say %s", line, said)
		}
	}
}
