"""Python's sockets, with the commands that sockets.sh names."""

import selectors
import socket
import struct
import sys
import threading

HERE = "127.0.0.1"
PIECE = 1 << 16
PATIENCE_S = 30


def listen():
    listener = socket.create_server((HERE, 0), backlog=512)
    listener.settimeout(PATIENCE_S)
    print(f"listening on {HERE}:{listener.getsockname()[1]}", flush=True)
    return listener


def accept(listener):
    connection, _ = listener.accept()
    connection.settimeout(PATIENCE_S)
    return connection


def connect(port):
    return socket.create_connection((HERE, int(port)), timeout=PATIENCE_S)


def receive_until_the_end(connection, path):
    with open(path, "wb") as out:
        while part := connection.recv(PIECE):
            out.write(part)


def reset(connection):
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


def serve_echo(count):
    def echo(connection):
        with connection:
            while part := connection.recv(PIECE):
                connection.sendall(part)
            connection.shutdown(socket.SHUT_WR)

    listener = listen()
    threads = []
    for _ in range(int(count)):
        threads.append(threading.Thread(target=echo, args=(accept(listener),)))
        threads[-1].start()
    for thread in threads:
        thread.join()


def serve_late(path, out):
    with accept(listen()) as connection:
        receive_until_the_end(connection, out)
        with open(path, "rb") as file:
            connection.sendfile(file)


def serve_reset():
    connection = accept(listen())
    assert connection.recv(1)
    reset(connection)


def serve_datagrams(count):
    server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    server.settimeout(PATIENCE_S)
    server.bind((HERE, 0))
    print(f"listening on {HERE}:{server.getsockname()[1]}", flush=True)
    for _ in range(int(count)):
        data, peer = server.recvfrom(65536)
        server.sendto(data, peer)


def talk(port, path, out):
    def send():
        with open(path, "rb") as file:
            while part := file.read(PIECE):
                connection.sendall(part)
        connection.shutdown(socket.SHUT_WR)

    with connect(port) as connection:
        thread = threading.Thread(target=send)
        thread.start()
        receive_until_the_end(connection, out)
        thread.join()


def reset_after_a_byte(port):
    connection = connect(port)
    connection.sendall(b"x")
    assert connection.recv(1) == b"x"
    reset(connection)


def await_reset(port):
    with connect(port) as connection:
        connection.sendall(b"x")
        try:
            data = connection.recv(1) and connection.recv(1)
        except ConnectionResetError:
            return
        raise SystemExit(f"no reset, but {data}")


def datagrams(port, count):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.settimeout(PATIENCE_S)
        client.connect((HERE, int(port)))
        for number in range(int(count)):
            data = bytes([number % 256]) * (1 + number * 65506 // (int(count) - 1))
            client.send(data)
            assert client.recv(65536) == data, number


def many(port, count):
    connections = [connect(port) for _ in range(int(count))]
    selector = selectors.DefaultSelector()
    for number, connection in enumerate(connections):
        connection.sendall(b"%d\n" % number)
        selector.register(connection, selectors.EVENT_READ, number)
    waiting = len(connections)
    while waiting:
        for key, _ in selector.select():
            line = key.fileobj.makefile("rb").readline()
            assert line == b"%d\n" % key.data, (line, key.data)
            selector.unregister(key.fileobj)
            waiting -= 1
    for connection in connections:
        connection.shutdown(socket.SHUT_WR)
        assert connection.recv(1) == b""
        connection.close()


COMMANDS = {
    "serve-echo": serve_echo,
    "serve-late": serve_late,
    "serve-reset": serve_reset,
    "serve-datagrams": serve_datagrams,
    "talk": talk,
    "reset": reset_after_a_byte,
    "await-reset": await_reset,
    "datagrams": datagrams,
    "many": many,
}

COMMANDS[sys.argv[1]](*sys.argv[2:])
