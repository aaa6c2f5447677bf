import assert from "node:assert/strict";
import { test } from "node:test";
import { parseConfig } from "./config.ts";

const good = { stateDir: "/s", socket: "/s/c.sock", mqtt: { listen: { host: "::1", port: 1883 } } };

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
