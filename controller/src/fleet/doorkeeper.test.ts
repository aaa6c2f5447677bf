import assert from "node:assert/strict";
import { EventEmitter } from "node:events";
import type { Socket } from "node:net";
import { test } from "node:test";
import fc from "fast-check";
import { Doorkeeper } from "./doorkeeper.ts";

class FakeSocket extends EventEmitter {
  readonly remoteAddress: string;
  readonly remotePort: number;
  destroyed = false;

  constructor(remoteAddress: string, remotePort: number) {
    super();
    this.remoteAddress = remoteAddress;
    this.remotePort = remotePort;
  }

  destroy(): void {
    if (this.destroyed) return;
    this.destroyed = true;
    this.emit("close");
  }
}

let port = 0;
const from = (address: string): FakeSocket => new FakeSocket(address, ++port);
const asSocket = (fake: FakeSocket): Socket => fake as unknown as Socket;

test("one address meets its own limit and takes nobody else's place", () => {
  const door = new Doorkeeper({ strangers: 10, perAddress: 2 });
  const flood = Array.from({ length: 50 }, () => from("2001:db8::bad"));
  assert.equal(flood.filter((one) => door.admit(asSocket(one))).length, 2);
  const honest = from("2001:db8::1");
  assert.equal(door.admit(asSocket(honest)), true);
  door.proven(asSocket(honest));
  assert.deepEqual([honest.destroyed, door.refused], [false, 48]);
});

test("strangers from everywhere push out the oldest stranger, never who has shown who it is", () => {
  const door = new Doorkeeper({ strangers: 3, perAddress: 2 });
  const node = from("2001:db8::1");
  door.admit(asSocket(node));
  door.proven(asSocket(node));
  const strangers = Array.from({ length: 5 }, (_, i) => from(`2001:db8::bad:${i}`));
  for (const one of strangers) assert.equal(door.admit(asSocket(one)), true);
  assert.deepEqual(
    strangers.map(({ destroyed }) => destroyed),
    [true, true, false, false, false],
  );
  assert.equal(node.destroyed, false);
});

test("who leaves makes room", () => {
  const door = new Doorkeeper({ strangers: 3, perAddress: 1 });
  const first = from("2001:db8::1");
  door.admit(asSocket(first));
  first.destroy();
  assert.equal(door.admit(asSocket(from("2001:db8::1"))), true);
});

test("whatever happens, no more strangers stay than the limits say, and the proven stay", () => {
  const event = fc.record({
    address: fc.nat(4),
    what: fc.constantFrom("come", "prove", "leave"),
    which: fc.nat(20),
  });
  fc.assert(
    fc.property(fc.array(event, { maxLength: 80 }), (events) => {
      const door = new Doorkeeper({ strangers: 4, perAddress: 2 });
      const all: FakeSocket[] = [];
      const proven = new Set<FakeSocket>();
      for (const { address, what, which } of events) {
        const one = all[which % Math.max(1, all.length)];
        if (what === "come") {
          const fresh = from(`2001:db8::${address}`);
          if (door.admit(asSocket(fresh))) all.push(fresh);
          else assert.equal(fresh.destroyed, true);
        } else if (one !== undefined && !one.destroyed) {
          if (what === "leave") one.destroy();
          else {
            door.proven(asSocket(one));
            proven.add(one);
          }
        }
        const strangers = all.filter((each) => !each.destroyed && !proven.has(each));
        assert.ok(strangers.length <= 4);
        for (let i = 0; i <= 4; i++)
          assert.ok(strangers.filter(({ remoteAddress }) => remoteAddress === `2001:db8::${i}`).length <= 2);
      }
    }),
  );
});
