// Go as the documentation of its package net writes a server: Accept in a loop and a goroutine for
// each connection, whose calls look as if they blocked. Answers to several requests go through a
// bufio.Writer that is flushed when no whole request is left in the bufio.Reader; a file through
// io.Copy, which uses sendfile; datagrams by the AddrPort calls, which need no allocation. Nagle's
// algorithm is off by default.
package main

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"runtime"
	"strconv"
)

type service struct {
	messageSize, bufferSize int
	file                    string
}

func announce(port int) {
	fmt.Printf("port %d Go %s\n", port, runtime.Version()[2:])
}

func unable(reason string) {
	fmt.Printf("unable %s\n", reason)
	os.Exit(1)
}

func (service *service) echo(connection net.Conn) {
	buffer := make([]byte, service.bufferSize)
	for {
		size, err := connection.Read(buffer)
		if err != nil {
			return
		}
		if _, err = connection.Write(buffer[:size]); err != nil {
			return
		}
	}
}

func (service *service) pipeline(connection net.Conn) {
	reader := bufio.NewReaderSize(connection, service.bufferSize)
	writer := bufio.NewWriterSize(connection, service.bufferSize)
	request := make([]byte, service.messageSize)
	for {
		if _, err := io.ReadFull(reader, request); err != nil {
			return
		}
		if _, err := writer.Write(request); err != nil {
			return
		}
		if reader.Buffered() < service.messageSize && writer.Flush() != nil {
			return
		}
	}
}

func (service *service) sendFile(connection net.Conn) {
	file, err := os.Open(service.file)
	if err != nil {
		return
	}
	defer file.Close()
	request := make([]byte, service.messageSize)
	for {
		if _, err := io.ReadFull(connection, request); err != nil {
			return
		}
		if _, err := file.Seek(0, io.SeekStart); err != nil {
			return
		}
		if _, err := io.Copy(connection, file); err != nil {
			return
		}
	}
}

func serveStreams(port int, talk func(net.Conn)) {
	listener, err := net.ListenTCP("tcp4", &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: port})
	if err != nil {
		unable(err.Error())
	}
	announce(listener.Addr().(*net.TCPAddr).Port)
	for {
		connection, err := listener.Accept()
		if err != nil {
			continue
		}
		go func() {
			defer connection.Close()
			talk(connection)
		}()
	}
}

func serveDatagrams(port int, size int) {
	place := net.UDPAddrFromAddrPort(netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 0, 0, 1}), uint16(port)))
	socket, err := net.ListenUDP("udp4", place)
	if err != nil {
		unable(err.Error())
	}
	announce(socket.LocalAddr().(*net.UDPAddr).Port)
	buffer := make([]byte, size)
	for {
		received, from, err := socket.ReadFromUDPAddrPort(buffer)
		if err == nil {
			_, _ = socket.WriteToUDPAddrPort(buffer[:received], from)
		}
	}
}

func number(text string) int {
	value, err := strconv.Atoi(text)
	if err != nil {
		unable(err.Error())
	}
	return value
}

func main() {
	if len(os.Args) < 6 {
		fmt.Fprintf(os.Stderr, "usage: %s STYLE SERVICE PORT SIZE BUFFER [FILE]\n", os.Args[0])
		os.Exit(2)
	}
	port := number(os.Args[3])
	service := &service{messageSize: number(os.Args[4]), bufferSize: number(os.Args[5])}
	if len(os.Args) > 6 {
		service.file = os.Args[6]
	}
	switch os.Args[2] {
	case "echo":
		serveStreams(port, service.echo)
	case "pipeline":
		serveStreams(port, service.pipeline)
	case "file":
		serveStreams(port, service.sendFile)
	case "datagram":
		serveDatagrams(port, service.bufferSize)
	default:
		unable("it has no calls for this")
	}
}
