// Meshflake-line carries packets between network namespaces as a line of the internet would: late, not all of them, and no faster
// than it can. It is for kernels without netem.
//
// It reads requests from its standard input, a line of JSON each, and answers each with a line on its standard output:
//
//	{"add":{"name":"x","mtu":1500,"ends":[{"pid":12,"device":"wan"},{"pid":13,"device":"to-x"}],"delayMs":10,"lossPercent":0,"rateMbit":null}}
//	{"set":{"name":"x","delayMs":200}}
//	{"remove":"x"}
//
//	{"done":"x"}
//	{"error":"no such process","name":"x"}
//
// Its lines and their devices end with it.
package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
)

type addRequest struct {
	Name string `json:"name"`
	MTU  int    `json:"mtu"`
	Ends []end  `json:"ends"`
	conditions
}

// end is one end of a line: a device that is made in the network namespace of a process.
type end struct {
	PID    int    `json:"pid"`
	Device string `json:"device"`
}

// request has one of its fields. What a set request does not say stays as it is, which only shows where its text is kept.
type request struct {
	Add    *addRequest     `json:"add"`
	Set    json.RawMessage `json:"set"`
	Remove string          `json:"remove"`
}

type answer struct {
	Done  string `json:"done,omitempty"`
	Error string `json:"error,omitempty"`
	Name  string `json:"name,omitempty"`
}

// lines are the lines that are carried, by name.
type lines map[string]*line

func main() {
	if err := serve(os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "meshflake-line:", err)
		os.Exit(1)
	}
}

// serve answers requests until there are no more.
func serve(from io.Reader, to io.Writer) error {
	carried := lines{}
	answers := json.NewEncoder(to)
	requests := bufio.NewScanner(from)
	for requests.Scan() {
		name, err := carried.handle(requests.Bytes())
		reply := answer{Done: name}
		if err != nil {
			reply = answer{Error: err.Error(), Name: name}
		}
		if err := answers.Encode(reply); err != nil {
			return err
		}
	}
	return requests.Err()
}

// handle does what a request says, and returns the name of the line that it is about.
func (carried lines) handle(text []byte) (string, error) {
	var asked request
	if err := json.Unmarshal(text, &asked); err != nil {
		return "", err
	}
	switch {
	case asked.Add != nil:
		return asked.Add.Name, carried.add(asked.Add)
	case asked.Set != nil:
		return carried.set(asked.Set)
	case asked.Remove != "":
		return asked.Remove, carried.remove(asked.Remove)
	}
	return "", errors.New("a request adds, sets or removes a line")
}

// add lays a line. One of the same name is laid anew.
func (carried lines) add(asked *addRequest) error {
	if len(asked.Ends) != 2 {
		return fmt.Errorf("a line has two ends, not %d", len(asked.Ends))
	}
	if err := asked.conditions.check(); err != nil {
		return err
	}
	if carried[asked.Name] != nil {
		if err := carried.remove(asked.Name); err != nil {
			return err
		}
	}
	laid, err := layLine(asked.MTU, asked.Ends[0], asked.Ends[1], asked.conditions)
	if err != nil {
		return err
	}
	carried[asked.Name] = laid
	return nil
}

func (carried lines) set(text json.RawMessage) (string, error) {
	var named struct {
		Name string `json:"name"`
	}
	if err := json.Unmarshal(text, &named); err != nil {
		return "", err
	}
	found := carried[named.Name]
	if found == nil {
		return named.Name, errors.New("there is no such line")
	}
	changed := *found.conditions.Load()
	if err := json.Unmarshal(text, &changed); err != nil {
		return named.Name, err
	}
	if err := changed.check(); err != nil {
		return named.Name, err
	}
	found.conditions.Store(&changed)
	return named.Name, nil
}

func (carried lines) remove(name string) error {
	found := carried[name]
	if found == nil {
		return errors.New("there is no such line")
	}
	delete(carried, name)
	return found.close()
}
