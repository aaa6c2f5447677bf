import assert from "node:assert/strict";
import { test } from "node:test";
import { native, SLOT_DATA_OFFSET } from "../../native/load.ts";
import { ServiceManager, unixAddress } from "./service-manager.ts";

test("the manager is told ready, alive and stopping, in this order, by datagrams", async () => {
  const name = `@vsix-service-test-${process.pid}`;
  const manager = new (native().Socket)(1, 2, 0);
  const told: string[] = [];
  try {
    assert.equal(manager.bind(unixAddress(name) ?? new Uint8Array()), 0);
    const buffer = new Uint8Array(8 * 512);
    const meta = new Int32Array(8 * 4);
    {
      using service = new ServiceManager({ socket: name, watchdogUs: "2000" });
      await new Promise<void>((resolve) => {
        manager.poll(() => {
          const got = manager.recv(buffer, 512, meta);
          for (let i = 0; i < got; i++) {
            const at = i * 512 + SLOT_DATA_OFFSET;
            told.push(Buffer.from(buffer.slice(at, at + (meta[4 * i] ?? 0))).toString());
          }
          if (told.length >= 3) resolve();
        });
        service.ready();
      });
    }
    const got = manager.recv(buffer, 512, meta);
    const at = (got - 1) * 512 + SLOT_DATA_OFFSET;
    const last = Buffer.from(buffer.slice(at, at + (meta[4 * (got - 1)] ?? 0))).toString();
    assert.deepEqual([...told.slice(0, 3), last], ["READY=1", "WATCHDOG=1", "WATCHDOG=1", "STOPPING=1"]);
  } finally {
    manager.close();
  }
});

test("without a manager, and with one whose address is none, nothing is said and nothing fails", () => {
  for (const socket of [undefined, "", "@", "relative", `/${"x".repeat(200)}`, "/nonexistent/notify"]) {
    using service = new ServiceManager({ socket, watchdogUs: "1000000" });
    service.ready();
  }
});
