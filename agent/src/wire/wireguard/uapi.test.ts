import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { formatKeyHex } from "./key.ts";
import { deviceRequest, errnoOf, parseDevice, peersRequest, UapiError } from "./uapi.ts";

const key = (fill: number): Uint8Array => new Uint8Array(32).fill(fill);

// As wireguard-go 0.0.20220316 wrote it, keys apart.
const ANSWER = `private_key=${formatKeyHex(key(1))}
listen_port=51821
fwmark=16
public_key=${formatKeyHex(key(2))}
preshared_key=${"0".repeat(64)}
protocol_version=1
endpoint=[2001:db8::5]:4500
last_handshake_time_sec=1700000000
last_handshake_time_nsec=5000000
tx_bytes=148
rx_bytes=92
persistent_keepalive_interval=25
allowed_ip=2001:db8:e::7/128
allowed_ip=2001:db8:f::/64
public_key=${formatKeyHex(key(3))}
preshared_key=${formatKeyHex(key(4))}
protocol_version=1
last_handshake_time_sec=0
last_handshake_time_nsec=0
tx_bytes=0
rx_bytes=0
persistent_keepalive_interval=0
errno=0

`;

test("an answer becomes a device with its peers", () => {
  assert.deepEqual(parseDevice(ANSWER), {
    privateKey: key(1),
    listenPort: 51821,
    fwmark: 16,
    peers: [
      {
        publicKey: key(2),
        endpoint: { address: "2001:db8::5", port: 4500 },
        handshakeMs: 1_700_000_000_005,
        txOctets: 148,
        rxOctets: 92,
        keepaliveS: 25,
        allowedIps: ["2001:db8:e::7/128", "2001:db8:f::/64"],
      },
      {
        publicKey: key(3),
        presharedKey: key(4),
        handshakeMs: 0,
        txOctets: 0,
        rxOctets: 0,
        keepaliveS: 0,
        allowedIps: [],
      },
    ],
  });
});

test("what is told reads back as it was told", () => {
  const peer = { publicKey: key(5), presharedKey: key(6), keepaliveS: 9, allowedIps: ["2001:db8::/32"] };
  const text =
    deviceRequest({ privateKey: key(7), listenPort: 1, fwmark: 2 }) +
    peersRequest([{ op: "set", peer }]).replace("set=1\n", "");
  const { peers, ...device } = parseDevice(text);
  assert.deepEqual(device, { privateKey: key(7), listenPort: 1, fwmark: 2 });
  assert.deepEqual(peers, [{ ...peer, handshakeMs: 0, rxOctets: 0, txOctets: 0 }]);
  assert.match(
    peersRequest([{ op: "remove", publicKey: key(8) }]),
    /^set=1\npublic_key=(08){32}\nremove=true\n$/,
  );
});

test("whatever the other side writes, it is a device or an error that shows nothing of it", () => {
  const line = fc.oneof(
    fc.constantFrom(...ANSWER.split("\n")),
    fc.string({ maxLength: 40 }),
    fc
      .constantFrom("public_key", "endpoint", "rx_bytes", "listen_port", "allowed_ip")
      .chain((name) => fc.string({ maxLength: 70 }).map((value) => `${name}=${value}`)),
  );
  fc.assert(
    fc.property(fc.array(line, { maxLength: 30 }), (lines) => {
      const text = lines.join("\n");
      for (const read of [() => parseDevice(text), () => errnoOf(text)])
        try {
          read();
        } catch (error) {
          assert.ok(error instanceof UapiError, String(error));
          assert.ok(!lines.some((one) => one.length > 20 && error.message.includes(one)));
        }
    }),
    { numRuns: 500 },
  );
});

test("an answer to a change ends with its errno", () => {
  assert.equal(errnoOf("errno=0\n\n"), 0);
  assert.equal(errnoOf("errno=-22\n\n"), 22);
  assert.throws(() => errnoOf("errno=0"), UapiError);
  assert.throws(() => errnoOf(""), UapiError);
});
