# shellcheck shell=sh disable=SC2154,SC2016 # what support.sh sets; programs of others in quotes
# Python's socket module, as most programs in it use it.
peer Python
needs python3 python3

speak() {
    exec python3 "$interop/peers/sockets.py" "$@"
}

seen() {
    python3 --version
}

# shellcheck source=tests/interop/sockets.sh
. "$interop/sockets.sh"

quick http_client client 'pages of http_fibers to http.client, over one connection'
http_client() {
    web server http_fibers 0
    python3 - "$port" <<'TEXT'
import http.client, sys
connection = http.client.HTTPConnection("127.0.0.1", int(sys.argv[1]), timeout=30)
connection.connect()
first = connection.sock
for number in range(100):
    connection.request("GET", f"/page/{number}")
    answer = connection.getresponse()
    page = answer.read()
    assert answer.status == 200 and b'<a href="/page/' in page, (answer.status, page)
    assert connection.sock is first, "the connection was not kept"
connection.request("GET", "/nowhere")
assert connection.getresponse().status == 404
TEXT
}

quick asyncio_client client '200 connections of asyncio at the same time, each with 20 lines'
asyncio_client() {
    serve server sennit echo --verbose --count 200 127.0.0.1:0
    python3 - "$port" <<'TEXT'
import asyncio, sys
async def talk(number):
    reader, writer = await asyncio.open_connection("127.0.0.1", int(sys.argv[1]))
    for step in range(20):
        line = f"{number} {step}\n".encode()
        writer.write(line)
        assert await reader.readline() == line
    writer.write_eof()
    assert await reader.read() == b""
    writer.close()
    await writer.wait_closed()
async def main():
    await asyncio.gather(*(talk(number) for number in range(200)))
asyncio.run(main())
TEXT
    ended server 0
}

quick unix_streams client 'everything over a Unix stream, and messages over seqpacket, there and back'
unix_streams() {
    start server sennit echo --verbose --count 1 "unix://$folder/stream"
    said server 'listening on '
    start messages sennit echo --verbose --count 1 "unix-seqpacket://$folder/messages"
    said messages 'listening on '
    python3 - "$folder/stream" "$folder/messages" "$payload" <<'TEXT'
import socket, sys, threading
stream = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
stream.connect(sys.argv[1])
data = open(sys.argv[3], "rb").read()
def send():
    stream.sendall(data)
    stream.shutdown(socket.SHUT_WR)
thread = threading.Thread(target=send)
thread.start()
back = bytearray()
while part := stream.recv(1 << 20):
    back += part
thread.join()
assert back == data
messages = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
messages.connect(sys.argv[2])
for size in range(1, 10000, 97):
    messages.send(data[:size])
    assert messages.recv(20000) == data[:size]
messages.close()
TEXT
    ended server 0
    ended messages 0
}
