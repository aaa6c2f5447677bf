import { type Static, Type } from "@sinclair/typebox";
import { Value } from "@sinclair/typebox/value";
import type { Fault } from "@vsix/shared/fabric/fault.ts";
import type { Fabric } from "@vsix/shared/fabric/model.ts";
import { parseFabric } from "@vsix/shared/fabric/parse.ts";
import { withPlane } from "../core/plane-change.ts";
import { ControllerError } from "../errors.ts";
import type { StoreReader } from "../store/reader.ts";
import type { RevisionTable } from "../store/schema.ts";

/** Of which revisions' files a fabric is made whose planes were not all applied together. */
export const MadeOf = Type.Object({
  /** Everything but the planes named. */
  base: Type.Integer({ minimum: 1 }),
  planes: Type.Record(Type.String(), Type.Integer({ minimum: 1 })),
});
export type MadeOf = Static<typeof MadeOf>;

export type StoredFabric =
  | { readonly ok: true; readonly fabric: Fabric; readonly madeOf?: MadeOf }
  | { readonly ok: false; readonly file: string; readonly faults: readonly Fault[] };

/** The fabric that a revision put in force. Throws ControllerError `store` where the database does not hold together. */
export async function fabricOf(
  read: Pick<StoreReader, "revision">,
  row: RevisionTable,
): Promise<StoredFabric> {
  const madeOf = madeOfRow(row);
  const base = madeOf === undefined ? row : await mustRead(read, row, madeOf.base);
  const parsed = parseFabric(base.fabric, base.file);
  if (!parsed.ok) return { ok: false, file: base.file, faults: parsed.faults };
  if (madeOf === undefined) return { ok: true, fabric: parsed.fabric };
  let { fabric } = parsed;
  for (const [plane, revision] of Object.entries(madeOf.planes)) {
    const { fabric: text, file } = revision === row.revision ? row : await mustRead(read, row, revision);
    const own = parseFabric(text, file);
    if (!own.ok) return { ok: false, file, faults: own.faults };
    fabric = withPlane(fabric, own.fabric, plane);
  }
  return { ok: true, fabric, madeOf };
}

/** Undefined for a revision of the whole network. Throws ControllerError `store`. */
export function madeOfRow({
  revision,
  made_of,
}: Pick<RevisionTable, "revision" | "made_of">): MadeOf | undefined {
  if (made_of === null) return undefined;
  const value: unknown = JSON.parse(made_of);
  if (Value.Check(MadeOf, value)) return value;
  throw new ControllerError(
    "store",
    `revision ${revision}: what it is made of cannot be read by this version`,
  );
}

async function mustRead(
  read: Pick<StoreReader, "revision">,
  { revision: of }: RevisionTable,
  revision: number,
): Promise<RevisionTable> {
  const row = await read.revision(revision);
  if (row !== undefined) return row;
  throw new ControllerError("store", `revision ${of} is made of revision ${revision}, which is not stored`);
}
