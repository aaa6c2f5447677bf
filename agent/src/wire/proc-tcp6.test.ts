import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { tcpSocketUser } from "./proc-tcp6.ts";

/** Both ends of connections to ::1 port 1790, one of them half closed, and a listener; as Linux 6.18 prints them. */
const TABLE = `  sl  local_address                         remote_address                        st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 00000000000000000000000001000000:06FE 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4242 1 0000000000000000 100 0 0 10 0
   1: 00000000000000000000000001000000:06FE 00000000000000000000000001000000:9C40 01 00000000:00000000 02:000AFC7E 00000000     0        0 4300 2 0000000000000000 20 4 30 10 -1
   2: 00000000000000000000000001000000:9C40 00000000000000000000000001000000:06FE 01 00000000:00000000 00:00000000 00000000   114        0 4301 1 0000000000000000 20 4 30 10 -1
   3: 00000000000000000000000001000000:9C42 00000000000000000000000001000000:06FE 05 00000000:00000000 00:00000000 00000000     0        0 0 1 0000000000000000 20 4 30 10 -1
   4: 00000000000000000000000001000000:9C44 00000000000000000000000001000000:06FE 01 00000000:00000000 00:00000000 00000000     0        0 0 1 0000000000000000 20 4 30 10 -1
   5: B80D0120000000000000000001000000:9C46 B80D0120000000000000000002000000:06FE 01 00000000:00000000 00:00000000 00000000  1000        0 4303 1 0000000000000000 20 4 30 10 -1
`;
const FEED = { address: "::1", port: 1790 };

test("the user of an established connection is found by both its ends, whichever side asks", () => {
  assert.equal(tcpSocketUser(TABLE, { address: "::1", port: 40000 }, FEED), 114);
  assert.equal(tcpSocketUser(TABLE, FEED, { address: "::1", port: 40000 }), 0);
  assert.equal(
    tcpSocketUser(TABLE, { address: "2001:db8::1", port: 40006 }, { address: "2001:db8::2", port: 1790 }),
    1000,
  );
});

test("a connection that is closing, or that no process holds, is nobody's; user 0 there is not root", () => {
  for (const port of [40002, 40004, 40001])
    assert.equal(tcpSocketUser(TABLE, { address: "::1", port }, FEED), undefined);
});

test("whatever the text holds, it is a user or nobody", () => {
  fc.assert(
    fc.property(fc.nat(TABLE.length - 1), fc.string({ maxLength: 8 }), (at, put) => {
      const table = TABLE.slice(0, at) + put;
      const user = tcpSocketUser(table, { address: "::1", port: 40000 }, FEED);
      assert.ok(user === undefined || (Number.isInteger(user) && user >= 0));
    }),
  );
});
