import assert from "node:assert/strict";
import { test } from "node:test";
import { parseConfig } from "./config.ts";

const good = { stateDir: "/s", socket: "/s/c.sock", mqtt: { listen: { host: "::1", port: 1883 } } };

const portal = (change: object) => ({
  portal: { listen: { host: "::", port: 443 }, origin: "https://x.example", ...change },
});

test("a portal shows our own certificate where nothing else is said", () => {
  assert.equal(parseConfig({ ...good, ...portal({}) }, "c.json").portal?.tls, "own");
  const files = { tls: { certFile: "/c", keyFile: "/k" } };
  assert.deepEqual(parseConfig({ ...good, ...portal(files) }, "c.json").portal?.tls, files.tls);
});

test("a minimal configuration gets its defaults", () => {
  const config = parseConfig(good, "c.json");
  assert.equal(config.leaseMs, 15_000);
  assert.equal(config.mqtt.maxClients, 2048);
});

for (const [why, change, expected] of [
  ["a missing field", { stateDir: undefined }, /c\.json: stateDir: /],
  ["an unknown field", { sokcet: "x" }, /c\.json: sokcet: is not a field of this file/],
  ["a wrong type", { leaseMs: "soon" }, /c\.json: leaseMs: expected integer/],
  [
    "a port out of range",
    { mqtt: { listen: { host: "::1", port: 70000 } } },
    /c\.json: mqtt\.listen\.port: /,
  ],
  ["no broker", { mqtt: {} }, /c\.json: mqtt: wants `listen`/],
  ["two brokers", { mqtt: { ...good.mqtt, url: "mqtt://[::1]" } }, /exclude each other/],
  [
    "an API open to the world",
    { http: { host: "::", port: 80 } },
    /c\.json: http\.host: :: is not a loopback/,
  ],
  [
    "a portal without TLS that is open to the world",
    portal({ tls: "off" }),
    /c\.json: portal\.listen\.host: :: is/,
  ],
  ["a portal by http", portal({ origin: "http://x.example" }), /c\.json: portal\.origin: is no origin/],
  ["a portal with a path", portal({ origin: "https://x.example/" }), /c\.json: portal\.origin: is no origin/],
  ["a portal in capitals", portal({ origin: "https://X.example" }), /c\.json: portal\.origin: is no origin/],
  ["a portal on the port that is meant", portal({ origin: "https://x.example:443" }), /is no origin/],
  ["a portal of unknown TLS", portal({ tls: "on" }), /c\.json: portal\.tls: /],
  ["a long socket path", { socket: `/${"x".repeat(120)}` }, /c\.json: socket: /],
] as const) {
  test(`the configuration names the field of ${why}`, () => {
    assert.throws(() => parseConfig({ ...good, ...change }, "c.json"), expected);
  });
}

test("every fault is named at once", () => {
  assert.throws(
    () => parseConfig({ socket: 1, mqtt: 2 }, "c.json"),
    (error: Error) =>
      ["stateDir", "socket", "mqtt"].every((field) => error.message.includes(`c.json: ${field}: `)),
  );
});
