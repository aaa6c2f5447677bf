import type { RecordedChange } from "@vsix/shared/paths/likely.ts";
import type { StoreReader } from "../store/reader.ts";

/** So long a change may be a path's likely cause. */
const KEPT_MS = 15 * 60_000;
/** Records read at a time, and changes kept at most. */
const MAX_RECORDS = 500;

/** What can change a path, of all that the audit log records: its own words for it. */
const CHANGES: ReadonlySet<string> = new Set([
  ...["apply", "rollback", "take-back", "confirm", "steer", "release", "drain", "undrain", "rollout"],
  ...["path-apply", "node revoke", "epoch-raise"],
]);
/** These may concern every node, whatever they name: what they change stands in files. */
const OF_EVERYTHING: ReadonlySet<string> = new Set(["apply", "rollback", "take-back", "path-apply"]);

/** Who changed what in the last minutes, from the audit log: to find the likely cause of a path's change in. */
export class RecentChanges {
  #newest: number | undefined;
  #changes: readonly RecordedChange[] = [];

  /** Reads what was recorded since the last time. `at`: wall clock, milliseconds. */
  async refresh(read: StoreReader, at: number): Promise<void> {
    const rows =
      this.#newest === undefined
        ? (await read.audit(MAX_RECORDS)).toReversed()
        : await read.auditAfter(this.#newest, MAX_RECORDS);
    this.#newest = rows.at(-1)?.id ?? this.#newest ?? 0;
    const found = rows
      .filter(({ what }) => CHANGES.has(what))
      .map(({ id, at: when, who, what, detail }): RecordedChange => {
        const everything = OF_EVERYTHING.has(what) ? { everything: true } : {};
        return { id, at: Date.parse(when), who, what, detail: JSON.parse(detail) as unknown, ...everything };
      });
    this.#changes = [...this.#changes, ...found]
      .filter((change) => change.at > at - KEPT_MS)
      .slice(-MAX_RECORDS);
  }

  list(): readonly RecordedChange[] {
    return this.#changes;
  }
}
