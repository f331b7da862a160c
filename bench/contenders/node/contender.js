'use strict';
// Node.js as its documentation writes it: net.createServer() with a stream that is piped into itself
// ("net.createServer()"); answers to several requests between cork() and an uncork() on the next
// tick ("writable.uncork()"); a file as a readable stream that is piped ("fs.createReadStream()");
// datagrams by dgram.createSocket() and its 'message' event.
const net = require('node:net');
const fs = require('node:fs');
const dgram = require('node:dgram');

const [style, service, port, size, bufferSize, file] = process.argv.slice(2);
const messageSize = Number(size);

function announce(server) {
    process.stdout.write(`port ${server.address().port} Node.js ${process.version}\n`);
}

function unable(reason) {
    process.stdout.write(`unable ${reason}\n`, () => process.exit(1));
}

// Calls `answer` for each whole request, and keeps the rest.
function takeRequests(socket, answer) {
    let rest = null;
    socket.on('data', (data) => {
        const all = rest ? Buffer.concat([rest, data]) : data;
        let at = 0;
        socket.cork();
        for (; at + messageSize <= all.length; at += messageSize)
            answer(all.subarray(at, at + messageSize));
        process.nextTick(() => socket.uncork());
        rest = at < all.length ? all.subarray(at) : null;
    });
}

const connected = {
    echo: (socket) => socket.pipe(socket),
    pipeline: (socket) => takeRequests(socket, (request) => socket.write(request)),
    file: (socket) => takeRequests(socket, () => {
        fs.createReadStream(file).pipe(socket, { end: false });
    }),
};

function serveStreams() {
    const server = net.createServer({ noDelay: true }, (socket) => {
        socket.on('error', () => socket.destroy());
        connected[service](socket);
    });
    server.listen({ port: Number(port), host: '127.0.0.1', backlog: 4096 }, () => announce(server));
}

function serveDatagrams() {
    const server = dgram.createSocket('udp4');
    server.on('message', (message, from) => server.send(message, from.port, from.address));
    server.bind(Number(port), '127.0.0.1', () => announce(server));
}

if (style !== 'async' || bufferSize === undefined)
    unable('there is no such style');
else if (service === 'datagram')
    serveDatagrams();
else if (connected[service])
    serveStreams();
else
    unable('it has no calls for this');
