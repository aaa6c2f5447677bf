import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { NLM_F, NLMSG } from "../wire/netlink/constants.ts";
import { decodeMessages, type NetlinkMessage } from "../wire/netlink/message.ts";
import type { NetlinkWriter } from "../wire/netlink/writer.ts";
import { type BatchSocket, NetlinkBatch } from "./netlink-batch.ts";
import { ERRNO, NetlinkError } from "./netlink-error.ts";

/** What may go wrong with the nth read or post. */
interface Trouble {
  readonly lostReads: ReadonlySet<number>;
  readonly lostPosts: ReadonlySet<number>;
}

/** A kernel that refuses every seventh request, by its index, and does all others. */
class FakeKernel implements BatchSocket {
  readonly done: number[] = [];
  largestDebt = 0;
  readonly #trouble: Trouble;
  readonly #inbox: NetlinkMessage[][] = [];
  #sequence = 1;
  #reads = 0;
  #posts = 0;

  constructor(trouble: Trouble) {
    this.#trouble = trouble;
  }

  readonly port = {
    isOpen: true,
    posted: 0,
    post: (bytes: Uint8Array): void => {
      if (this.#trouble.lostPosts.has(this.#posts++)) throw new NetlinkError(ERRNO.ENOBUFS);
      this.#work(bytes);
    },
    drain: (): void => {
      this.#inbox.length = 0;
    },
  };

  take = (count: number): number => {
    this.#sequence += count;
    return this.#sequence - count;
  };

  send = async (bytes: Uint8Array): Promise<void> => this.#work(bytes);

  receive = async (): Promise<readonly NetlinkMessage[]> => {
    const answers = this.#inbox.shift();
    if (this.#trouble.lostReads.has(this.#reads++)) throw new NetlinkError(ERRNO.ENOBUFS);
    assert.ok(answers !== undefined, "nothing would ever come");
    return answers;
  };

  #work(bytes: Uint8Array): void {
    const answers: NetlinkMessage[] = [];
    for (const { type: index, flags, sequence } of decodeMessages(bytes)) {
      const errno = index % 7 === 6 ? ERRNO.ENOENT : 0;
      if (errno === 0) this.done.push(index);
      if (errno === 0 && (flags & NLM_F.ACK) === 0) continue;
      const payload = new Uint8Array(20);
      new DataView(payload.buffer).setInt32(0, -errno, true);
      answers.push({ type: NLMSG.ERROR, flags: NLM_F.CAPPED, sequence, port: 0, payload });
    }
    this.#inbox.push(answers);
    this.largestDebt = Math.max(this.largestDebt, this.#inbox.length);
  }
}

const encode = (writer: NetlinkWriter, flags: number, sequence: number, index: number): void => {
  if (index % 1000 === 999) throw new NetlinkError(ERRNO.ENODEV); // cannot be written
  writer.begin(index, flags, sequence);
  writer.end();
};
function expected(count: number): readonly (readonly [index: number, errno: number])[] {
  const refusals: [number, number][] = [];
  for (let index = 0; index < count; index++)
    if (index % 1000 === 999) refusals.push([index, ERRNO.ENODEV]);
    else if (index % 7 === 6) refusals.push([index, ERRNO.ENOENT]);
  return refusals;
}

test("whatever is lost on the way, every request is made and every refusal is its own", async () => {
  const places = fc.uniqueArray(fc.nat(12), { maxLength: 1 });
  await fc.assert(
    fc.asyncProperty(fc.nat(6000), places, places, async (count, lostReads, lostPosts) => {
      // One loss is survived; the second, with so little under way, is an error.
      const lost = lostReads.length > 0 ? [] : lostPosts;
      const kernel = new FakeKernel({ lostReads: new Set(lostReads), lostPosts: new Set(lost) });
      const failures = await new NetlinkBatch(kernel, count, encode, undefined).run();
      assert.deepEqual(
        [...failures].map(([index, { errno }]) => [index, errno]).sort(([a = 0], [b = 0]) => a - b),
        expected(count),
      );
      const refused = new Set(failures.keys());
      assert.equal(new Set(kernel.done).size, count - refused.size);
      assert.ok(kernel.largestDebt <= 4);
      if (lostReads.length + lost.length === 0)
        assert.deepEqual(
          kernel.done,
          kernel.done.toSorted((a, b) => a - b),
        );
    }),
    { numRuns: 60 },
  );
});

test("a socket that loses everything is an error and not an endless loop", async () => {
  const every = new Set(Array.from({ length: 100 }, (_, i) => i));
  const kernel = new FakeKernel({ lostReads: every, lostPosts: new Set() });
  await assert.rejects(new NetlinkBatch(kernel, 5000, encode, undefined).run(), { errno: ERRNO.ENOBUFS });
});
