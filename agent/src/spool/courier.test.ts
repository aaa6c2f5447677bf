import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, test } from "node:test";
import { type DnsAck, decodeDnsChunk } from "@vsix/shared/contract/up-dns.ts";
import { pino } from "pino";
import { Courier, type CourierLink } from "./courier.ts";
import { DnsSpool } from "./spool.ts";

const log = pino({ enabled: false });
const directories: string[] = [];
afterEach(() => {
  for (const directory of directories.splice(0)) rmSync(directory, { recursive: true });
});

/** A controller that answers as it is told. */
class Far implements CourierLink {
  connected = true;
  readonly sent: string[] = [];
  courier: Courier | undefined;
  /** What becomes of a whole batch: how many times it is not answered at first. */
  silences = 0;
  refuse = false;

  isConnected(): boolean {
    return this.connected;
  }
  listen(): void {}
  async send(chunk: Uint8Array): Promise<boolean> {
    if (!this.connected) return false;
    const { head, octets } = decodeDnsChunk(chunk);
    this.sent.push(`${head.sequence}@${head.offset}`);
    if (head.offset + octets.length === head.total) {
      if (this.silences-- > 0) return true;
      const refused = this.refuse ? { refused: "cannot be read" } : {};
      const ack: DnsAck = { version: 1, instance: head.instance, through: head.sequence, ...refused };
      setImmediate(() => this.courier?.answer(Buffer.from(JSON.stringify(ack))));
    }
    return true;
  }
}

async function open() {
  const directory = mkdtempSync(join(tmpdir(), "vsix-courier-"));
  directories.push(directory);
  const spool = new DnsSpool({ directory, maxOctets: 1e7 });
  const far = new Far();
  const courier = new Courier({ node: "n", spool, link: far, log, answerMs: 20 });
  far.courier = courier;
  const add = (octets: number) =>
    spool.add({
      points: ["e"],
      firstUs: 1,
      lastUs: 1,
      pairs: 1,
      counters: {},
      segment: new Uint8Array(octets),
    });
  const emptied = async () => {
    for (let i = 0; i < 500 && spool.first() !== undefined; i++)
      await new Promise((resolve) => setTimeout(resolve, 5));
    assert.equal(spool.first(), undefined);
  };
  return { spool, far, courier, add, emptied };
}

test("batches go in their order, in chunks, and leave the spool when they are answered for", async () => {
  const { spool, far, courier, add, emptied } = await open();
  await add(150_000);
  await add(10);
  await emptied();
  assert.deepEqual(far.sent, ["1@0", "1@65536", "1@131072", "2@0"]);
  assert.deepEqual(courier.figures, { stored: 2, refused: 0, again: 0 });
  await courier[Symbol.asyncDispose]();
  await spool.close();
});

test("a batch that is not answered for is sent again, whole", async () => {
  const { spool, far, courier, add, emptied } = await open();
  far.silences = 2;
  await add(70_000);
  await emptied();
  assert.deepEqual(far.sent, ["1@0", "1@65536", "1@0", "1@65536", "1@0", "1@65536"]);
  assert.equal(courier.figures.again, 2);
  await courier[Symbol.asyncDispose]();
  await spool.close();
});

test("nothing is sent while there is no connection, and everything after it", async () => {
  const { spool, far, courier, add, emptied } = await open();
  far.connected = false;
  await add(10);
  await new Promise((resolve) => setTimeout(resolve, 30));
  assert.deepEqual(far.sent, []);
  far.connected = true;
  courier.connection();
  await emptied();
  await courier[Symbol.asyncDispose]();
  await spool.close();
});

test("a batch that the controller cannot read is let go of and counted; nonsense answers are no answers", async () => {
  const { spool, far, courier, add, emptied } = await open();
  far.refuse = true;
  courier.answer(Buffer.from("{"));
  courier.answer(Buffer.from(JSON.stringify({ version: 1, instance: "somebody-else", through: 99 })));
  await add(10);
  await emptied();
  assert.deepEqual(courier.figures, { stored: 0, refused: 1, again: 0 });
  await courier[Symbol.asyncDispose]();
  await spool.close();
});
