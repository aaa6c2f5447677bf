import type { DefinedSet, Statement } from "./speaker.ts";

/** Policy of both directions, as desired or as read back. */
export interface PolicyBase {
  readonly definedSets: readonly DefinedSet[];
  readonly importStatements: readonly Statement[];
  readonly exportStatements: readonly Statement[];
}

export type Direction = "import" | "export";

/** What has to be done about one neighbour after a policy change. */
export interface Refresh {
  readonly address: string;
  /** Learned routes go through import policy again. */
  readonly in: boolean;
  /** Routes are announced again with what export policy makes of them now. */
  readonly out: boolean;
  /** Export policy may refuse what it let out before, which a soft reset does not withdraw (GoBGP 3.10): bounce. */
  readonly bounce: boolean;
}

/** Canonical form of a set: order does not count. */
export function canonicalSet(set: DefinedSet): string {
  const items =
    set.type === "prefix" ? set.prefixes.map((p) => `${p.prefix} ${p.min}..${p.max}`) : [...set.list];
  return `${set.type} ${set.name}: ${items.sort().join(", ")}`;
}

/** Canonical form of a statement, key order fixed. */
export function canonicalStatement(statement: Statement): string {
  const { name, when, apply } = statement;
  return JSON.stringify([
    name,
    when.neighbours,
    when.prefixes,
    when.asPath,
    when.largeCommunities,
    when.routeType,
    apply.route,
    apply.med?.op,
    apply.med?.value,
    apply.localPref,
    apply.nextHop,
    apply.largeCommunities?.op,
    [...(apply.largeCommunities?.list ?? [])].sort(),
  ]);
}

function concerns(statement: Statement, address: string, sets: ReadonlyMap<string, DefinedSet>): boolean {
  const name = statement.when.neighbours?.name;
  if (name === undefined) return true;
  const set = sets.get(`neighbour ${name}`);
  return set !== undefined && set.type !== "prefix" && set.list.includes(`${address}/128`);
}

/**
 * The statements that concern one neighbour, as text, with the sets they name written out. `shape` leaves out what
 * only changes attributes, and which of our own prefixes are meant (their paths come and go by themselves).
 */
export function effectivePolicy(
  policy: PolicyBase,
  direction: Direction,
  address: string,
): { readonly full: string; readonly shape: string } {
  const sets = new Map(policy.definedSets.map((set) => [`${set.type} ${set.name}`, set]));
  const content = (type: DefinedSet["type"], name: string | undefined): string => {
    const set = name === undefined ? undefined : sets.get(`${type} ${name}`);
    return set === undefined ? "" : canonicalSet(set);
  };
  const full: string[] = [];
  const shape: string[] = [];
  const statements = direction === "import" ? policy.importStatements : policy.exportStatements;
  for (const statement of statements) {
    if (!concerns(statement, address, sets)) continue;
    const { when, apply } = statement;
    const matches = [
      content("as-path", when.asPath?.name),
      content("large-community", when.largeCommunities?.name),
      when.routeType ?? "",
    ];
    const prefixes = content("prefix", when.prefixes?.name);
    full.push(JSON.stringify([prefixes, matches, apply]));
    if (apply.route !== undefined)
      shape.push(JSON.stringify([when.routeType === "local" ? "" : prefixes, matches, apply.route]));
  }
  return { full: full.join("\n"), shape: shape.join("\n") };
}

/** Which of these neighbours a change of policy touches, and how. */
export function refreshes(
  before: PolicyBase,
  after: PolicyBase,
  addresses: readonly string[],
): readonly Refresh[] {
  return addresses.flatMap((address) => {
    const importBefore = effectivePolicy(before, "import", address);
    const importAfter = effectivePolicy(after, "import", address);
    const exportBefore = effectivePolicy(before, "export", address);
    const exportAfter = effectivePolicy(after, "export", address);
    const refresh = {
      address,
      in: importBefore.full !== importAfter.full,
      out: exportBefore.full !== exportAfter.full,
      bounce: exportBefore.shape !== exportAfter.shape,
    };
    return refresh.in || refresh.out ? [refresh] : [];
  });
}
