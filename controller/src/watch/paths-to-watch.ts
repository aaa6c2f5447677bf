import { EMPTY_DIRECTORY } from "@vsix/shared/paths/directory.ts";
import { type ExpectedPaths, findEntry } from "@vsix/shared/paths/expected.ts";
import type { InForce } from "../desired/in-force.ts";

/**
 * What is expected, with every "*" written out as the nodes that trace for it: a node that does not trace a target (its own
 * address, say) is not missed.
 */
export function pathsToWatch({ expected }: InForce): ExpectedPaths {
  if (expected === undefined) return { directory: EMPTY_DIRECTORY, entries: [] };
  const file = expected.expected;
  const entries = [...expected.orders].flatMap(([source, orders]) =>
    orders.flatMap(({ name }) => {
      const entry = findEntry(file, source, name);
      return entry === undefined ? [] : [{ ...entry, source }];
    }),
  );
  return { directory: file.directory, entries };
}
