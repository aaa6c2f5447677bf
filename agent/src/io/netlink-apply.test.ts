import assert from "node:assert/strict";
import { test } from "node:test";
import type { Change } from "../core/kind.ts";
import { type NexthopObject, nexthopKind } from "../resources/nexthop/model.ts";
import { NetlinkWriter } from "../wire/netlink/writer.ts";
import { applyChanges } from "./netlink-apply.ts";
import { ERRNO, NetlinkError } from "./netlink-error.ts";

const never = new AbortController().signal;
const changes: readonly Change<NexthopObject>[] = Array.from({ length: 10 }, (_, id) => ({
  op: "create",
  key: String(id),
  desired: { id, blackhole: true },
}));

/** A kernel that has room for so many in one batch; those in `bad` it takes at no time. */
function kernel(room: number, bad: readonly number[]) {
  const made: number[] = [];
  let now = 0;
  return {
    made,
    async batch(
      count: number,
      encode: (writer: NetlinkWriter, flags: number, sequence: number, index: number) => void,
    ) {
      const failures = new Map<number, NetlinkError>();
      let left = room;
      for (let index = 0; index < count; index++) {
        encode(new NetlinkWriter(), 0, index, index);
        if (bad.includes(now)) failures.set(index, new NetlinkError(ERRNO.EINVAL, "bad"));
        else if (left-- > 0) made.push(now);
        else failures.set(index, new NetlinkError(ERRNO.ENOMEM, "no memory"));
      }
      return failures;
    },
    take(object: NexthopObject): void {
      now = object.id;
    },
  };
}

function applyTo(one: ReturnType<typeof kernel>) {
  return applyChanges(
    {
      netlink: one,
      kind: nexthopKind,
      encodePut: (_writer, _flags, _sequence, desired) => one.take(desired),
      encodeDelete: () => assert.fail("nothing is deleted"),
      observe: async () => [],
    },
    changes,
    never,
  );
}

test("what a kernel without memory refuses is asked for again while there is progress, and nothing twice", async () => {
  const one = kernel(3, [4]);
  const outcomes = await applyTo(one);
  assert.deepEqual(one.made.toSorted(), [0, 1, 2, 3, 5, 6, 7, 8, 9]);
  assert.deepEqual(
    outcomes.filter(({ ok }) => !ok).map(({ key }) => key),
    ["4"],
  );
});

test("a kernel that has no memory at all is believed in the end", async () => {
  const outcomes = await applyTo(kernel(0, []));
  assert.ok(outcomes.every((outcome) => !outcome.ok && outcome.errno === ERRNO.ENOMEM));
});
