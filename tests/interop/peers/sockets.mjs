// Node's sockets, with the commands that sockets.sh names.
import assert from "node:assert/strict";
import { createReadStream, createWriteStream } from "node:fs";
import dgram from "node:dgram";
import net from "node:net";
import { once } from "node:events";
import { pipeline } from "node:stream/promises";

const HERE = "127.0.0.1";

function announce(port) {
  console.log(`listening on ${HERE}:${port}`);
}

// Serves so many connections, each by an asynchronous function, and ends when all of these have.
async function serve(count, handle) {
  const ends = [];
  const server = net.createServer({ allowHalfOpen: true });
  server.listen({ port: 0, host: HERE, backlog: 512 });
  await once(server, "listening");
  announce(server.address().port);
  await new Promise((resolve) =>
    server.on("connection", (socket) => {
      ends.push(handle(socket));
      if (ends.length === count) {
        server.close();
        resolve();
      }
    }),
  );
  await Promise.all(ends);
}

async function connect(port) {
  const socket = net.connect({ port: Number(port), host: HERE, allowHalfOpen: true });
  await once(socket, "connect");
  return socket;
}

// Reads a byte, and no more of what there is.
async function takeByte(socket) {
  while (true) {
    const data = socket.read(1);
    if (data) return data;
    await once(socket, "readable");
  }
}

async function resetOf(socket) {
  const [error] = await once(socket, "error");
  assert.equal(error.code, "ECONNRESET");
}

function reset(socket) {
  socket.resetAndDestroy();
  return once(socket, "close");
}

function datagrams(count) {
  return new Promise((resolve) => {
    const server = dgram.createSocket("udp4");
    let rest = count;
    server.on("message", (data, peer) => {
      rest -= 1;
      const isLast = rest === 0;
      server.send(data, peer.port, peer.address, () => {
        if (isLast) server.close(resolve);
      });
    });
    server.bind(0, HERE, () => announce(server.address().port));
  });
}

async function sendDatagrams(port, count) {
  const client = dgram.createSocket("udp4");
  client.connect(port, HERE);
  await once(client, "connect");
  for (let number = 0; number < count; number++) {
    const data = Buffer.alloc(1 + Math.floor((number * 65506) / (count - 1)), number % 256);
    client.send(data);
    const [back] = await once(client, "message");
    assert.ok(back.equals(data), `datagram ${number}`);
  }
  client.close();
}

async function many(port, count) {
  const sockets = await Promise.all(Array.from({ length: count }, () => connect(port)));
  await Promise.all(
    sockets.map(async (socket, number) => {
      socket.write(`${number}\n`);
      const [data] = await once(socket, "data");
      assert.equal(data.toString(), `${number}\n`);
    }),
  );
  await Promise.all(
    sockets.map(async (socket) => {
      socket.end();
      await once(socket, "end");
    }),
  );
}

const commands = {
  "serve-echo": (count) => serve(Number(count), (socket) => pipeline(socket, socket)),
  "serve-late": (path, out) =>
    serve(1, async (socket) => {
      await pipeline(socket.iterator({ destroyOnReturn: false }), createWriteStream(out));
      await pipeline(createReadStream(path), socket);
    }),
  "serve-reset": () =>
    serve(1, async (socket) => {
      await takeByte(socket);
      await reset(socket);
    }),
  "serve-datagrams": (count) => datagrams(Number(count)),
  talk: async (port, path, out) => {
    const socket = await connect(port);
    await Promise.all([
      pipeline(createReadStream(path), socket, { end: true }),
      pipeline(socket.iterator({ destroyOnReturn: false }), createWriteStream(out)),
    ]);
  },
  reset: async (port) => {
    const socket = await connect(port);
    socket.write("x");
    await takeByte(socket);
    await reset(socket);
  },
  "await-reset": async (port) => {
    const socket = await connect(port);
    const told = resetOf(socket);
    socket.write("x");
    socket.resume();
    socket.on("end", () => assert.fail("no reset, but an end"));
    await told;
  },
  datagrams: (port, count) => sendDatagrams(Number(port), Number(count)),
  many: (port, count) => many(Number(port), Number(count)),
};

const [command, ...words] = process.argv.slice(2);
// Whatever waits for what never comes is no success.
process.exitCode = 1;
await commands[command](...words);
process.exitCode = 0;
