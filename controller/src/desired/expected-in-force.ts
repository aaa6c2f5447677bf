import type { Fault } from "@vsix/shared/fabric/fault.ts";
import type { Fabric } from "@vsix/shared/fabric/model.ts";
import { EMPTY_DIRECTORY } from "@vsix/shared/paths/directory.ts";
import type { ExpectedPaths } from "@vsix/shared/paths/expected.ts";
import { fabricDirectory } from "@vsix/shared/paths/fabric-directory.ts";
import { fitExpected, type ParseOptions } from "@vsix/shared/paths/parse.ts";
import { expectedOrders, NO_ORDERS, type TraceOrders, traceSources } from "../core/compile-traces.ts";
import type { StoreReader } from "../store/reader.ts";
import type { ExpectedTable } from "../store/schema.ts";

/** The file of expected paths in force, as far as it fits the fabric in force. */
export interface ExpectedInForce extends ExpectedTable {
  /** Only the entries that fit, and the file's own directory: to be joined with the fabric's. */
  readonly expected: ExpectedPaths;
  /** Why the other entries are neither traced nor judged. */
  readonly unfit: readonly Fault[];
  readonly orders: TraceOrders;
}

/** What names in a file of expected paths may mean. */
export function expectedOptions(fabric: Fabric): ParseOptions {
  return { known: fabricDirectory(fabric), sources: traceSources(fabric) };
}

/** Never throws: what does not fit any more is left out, and said. */
export function fitToFabric(row: ExpectedTable, fabric: Fabric): ExpectedInForce {
  const fitted = fitExpected(row.text, row.file, expectedOptions(fabric));
  const expected = fitted.expected ?? { directory: EMPTY_DIRECTORY, entries: [] };
  const { revision, text, file, sha256, author, note, at } = row;
  const unfit = fitted.faults;
  return {
    ...{ revision, text, file, sha256, author, note, at },
    expected,
    unfit,
    orders: fitted.expected === undefined ? NO_ORDERS : expectedOrders(fabric, expected),
  };
}

/** What is stored, read with `fabric` in force; `before` spares doing it again where neither has changed. */
export async function expectedIn(
  reader: StoreReader,
  fabric: Fabric,
  before: { readonly fabric: Fabric; readonly expected?: ExpectedInForce } | undefined,
): Promise<ExpectedInForce | undefined> {
  const revision = await reader.counter("expected");
  if (revision === 0) return undefined;
  if (before?.fabric === fabric && before.expected?.revision === revision) return before.expected;
  const row = await reader.expected(revision);
  return row === undefined ? undefined : fitToFabric(row, fabric);
}
