package main

import (
	"fmt"
	"os"
	"runtime"

	"golang.org/x/sys/unix"
)

// openTun makes a layer 3 device in the network namespace of a process, takes it up, and returns its other side.
func openTun(at end, mtu int) (*os.File, error) {
	var device *os.File
	err := inNamespace(at.PID, func() error {
		var err error
		device, err = makeTun(at.Device, mtu)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("the device %s of process %d: %w", at.Device, at.PID, err)
	}
	return device, nil
}

// inNamespace runs a function in the network namespace of a process. Files that it opens stay there.
func inNamespace(pid int, run func() error) error {
	done := make(chan error)
	go func() {
		// Never unlocked: the thread ends with this goroutine, so that nothing else ever runs in that namespace.
		runtime.LockOSThread()
		done <- enter(pid, run)
	}()
	return <-done
}

func enter(pid int, run func() error) error {
	namespace, err := os.Open(fmt.Sprintf("/proc/%d/ns/net", pid))
	if err != nil {
		return err
	}
	defer namespace.Close()
	if err := unix.Setns(int(namespace.Fd()), unix.CLONE_NEWNET); err != nil {
		return os.NewSyscallError("setns", err)
	}
	return run()
}

func makeTun(name string, mtu int) (*os.File, error) {
	tun, err := unix.Open("/dev/net/tun", unix.O_RDWR|unix.O_NONBLOCK|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, &os.PathError{Op: "open", Path: "/dev/net/tun", Err: err}
	}
	if err := setUp(tun, name, mtu); err != nil {
		_ = unix.Close(tun)
		return nil, err
	}
	// Only now: the runtime waits for packets, and there are none before the file has a device.
	return os.NewFile(uintptr(tun), name), nil
}

func setUp(tun int, name string, mtu int) error {
	device, err := unix.NewIfreq(name)
	if err != nil {
		return err
	}
	device.SetUint16(unix.IFF_TUN | unix.IFF_NO_PI)
	if err := unix.IoctlIfreq(tun, unix.TUNSETIFF, device); err != nil {
		return os.NewSyscallError("TUNSETIFF", err)
	}
	socket, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return os.NewSyscallError("socket", err)
	}
	defer unix.Close(socket)
	device.SetUint32(uint32(mtu))
	if err := unix.IoctlIfreq(socket, unix.SIOCSIFMTU, device); err != nil {
		return os.NewSyscallError("SIOCSIFMTU", err)
	}
	device.SetUint16(unix.IFF_UP)
	return os.NewSyscallError("SIOCSIFFLAGS", unix.IoctlIfreq(socket, unix.SIOCSIFFLAGS, device))
}
