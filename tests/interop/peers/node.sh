# shellcheck shell=sh disable=SC2154,SC2016 # what support.sh sets; programs of others in quotes
# Node's net and dgram modules.
peer Node.js
needs node nodejs

speak() {
    exec node "$interop/peers/sockets.mjs" "$@"
}

seen() {
    node --version
}

# shellcheck source=tests/interop/sockets.sh
. "$interop/sockets.sh"

quick http_client client 'pages of http_fibers to http.Agent, 8 connections kept'
http_client() {
    web server http_fibers 0
    node - "$port" <<'TEXT'
const assert = require("node:assert/strict");
const http = require("node:http");
const agent = new http.Agent({ keepAlive: true, maxSockets: 8 });
const used = new Set();
function page(number) {
  return new Promise((resolve, reject) => {
    const path = `/page/${number}`;
    const request = http.get({ agent, path, port: Number(process.argv[2]), host: "127.0.0.1" }, async (answer) => {
      used.add(request.socket);
      assert.equal(answer.statusCode, 200);
      let text = "";
      for await (const part of answer) text += part;
      assert.ok(text.includes('<a href="/page/'));
      resolve();
    });
    request.on("error", reject);
  });
}
(async () => {
  await Promise.all(Array.from({ length: 100 }, (_, number) => page(number)));
  assert.equal(used.size, 8);
  agent.destroy();
})();
TEXT
}
