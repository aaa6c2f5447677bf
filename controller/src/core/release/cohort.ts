/** Which Edges a rollout moves, in which order, and how many with each step. */

/** How far one step goes: so many Edges in all, or so many percent of the cohort. */
export type Step =
  | { readonly kind: "count"; readonly value: number }
  | { readonly kind: "percent"; readonly value: number };

export type ParsedSteps =
  | { readonly ok: true; readonly steps: readonly Step[] }
  | { readonly ok: false; readonly message: string };

/** Steps that one rollout may have. */
const MAX_STEPS = 50;

/** Reads `1,10%,50%,100%`. Each counts from the beginning, so none may be smaller than one before of its kind. */
export function parseSteps(text: string): ParsedSteps {
  const fault = (message: string): ParsedSteps => ({ ok: false, message });
  const words = text.split(",").map((word) => word.trim());
  if (words.length > MAX_STEPS) return fault(`${words.length} steps; at most ${MAX_STEPS} are allowed`);
  const steps: Step[] = [];
  const last = { count: 0, percent: 0 };
  for (const word of words) {
    const [, digits = "", sign] = /^([1-9][0-9]{0,5})(%?)$/.exec(word) ?? [];
    if (digits === "")
      return fault(
        `${JSON.stringify(word)} is no step: a number of Edges, or a percentage, as in 1,10%,50%,100%`,
      );
    const kind = sign === "%" ? "percent" : "count";
    const value = Number(digits);
    if (kind === "percent" && value > 100) return fault(`${word}: there are no more than 100%`);
    if (value < last[kind])
      return fault(
        `${word} comes after ${last[kind]}${sign}: steps count from the beginning and never shrink`,
      );
    last[kind] = value;
    steps.push({ kind, value });
  }
  return { ok: true, steps };
}

export function formatStep({ kind, value }: Step): string {
  return kind === "percent" ? `${value}%` : String(value);
}

/** One step as it turned out for a cohort. */
export interface SizedStep {
  /** As the operator wrote it. */
  readonly text: string;
  /** Edges moved once it is reached, from the beginning of the order. */
  readonly size: number;
}

/**
 * How many Edges each step reaches. A percentage rounds up; no step reaches less than one Edge, less than the step before,
 * or more than there are. Named canaries are the first step whatever it says. Steps that would add nobody are left out.
 */
export function sizeSteps(steps: readonly Step[], total: number, canaries: number): readonly SizedStep[] {
  const sized: SizedStep[] = [];
  let before = 0;
  for (const step of steps) {
    const asked = step.kind === "percent" ? Math.ceil((total * step.value) / 100) : step.value;
    const named = sized.length === 0 && canaries > 0 ? canaries : asked;
    const size = Math.min(total, Math.max(1, before, named));
    if (size === before) continue;
    sized.push({ text: formatStep(step), size });
    before = size;
  }
  return sized;
}

/**
 * The order in which Edges move: the canaries as they were named, then by a hash of seed and name, so that it is the same
 * after a restart and another with the next seed: nobody is always among the first. `last` moves after everybody, unless it
 * was named: the way to the controller is not what a new plane is tried with.
 */
export function orderCohort(
  edges: readonly string[],
  canaries: readonly string[],
  seed: string,
  last?: string,
): readonly string[] {
  const first = [...new Set(canaries)].filter((edge) => edges.includes(edge));
  const chosen = new Set(first);
  const rest = [...new Set(edges)]
    .filter((edge) => !chosen.has(edge))
    .map((edge) => ({ edge, rank: hash32(`${seed} ${edge}`) }))
    .sort(
      (a, b) =>
        Number(a.edge === last) - Number(b.edge === last) || a.rank - b.rank || (a.edge < b.edge ? -1 : 1),
    );
  return [...first, ...rest.map(({ edge }) => edge)];
}

/** What chooses Edges. Neither names nor labels: everybody on the plane that is left. */
export interface Selection {
  readonly edges: readonly string[];
  /** All of them must be carried. */
  readonly labels: Readonly<Record<string, string>>;
}

/** Whether an Edge is chosen: by its name, or by carrying every label. */
export function selects(
  { edges, labels }: Selection,
  node: { readonly name: string; readonly labels?: Readonly<Record<string, string>> },
): boolean {
  const wanted = Object.entries(labels);
  if (edges.length === 0 && wanted.length === 0) return true;
  if (edges.includes(node.name)) return true;
  return wanted.length > 0 && wanted.every(([key, value]) => node.labels?.[key] === value);
}

/** FNV-1a, then murmur3's finalizer: names that differ in their last digit must not stay neighbours. */
function hash32(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
