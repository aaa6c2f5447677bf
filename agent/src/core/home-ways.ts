import { dampened, type Life } from "./liveness.ts";

/**
 * Whether the tunnels of a home carry anything: pure, from rounds of questions by each. Two things are asked. A target beyond the access
 * router, by an echo with a source out of the tunnel's own prefix: there and back the whole way. And, while no target answers, the far end
 * itself, by an echo with a hop limit of 1, which it has to answer with an error (RFC 4443 section 3.3): so the death of a target, which
 * all tunnels see at once, is told from that of a tunnel.
 */

/** So many of the last `WINDOW` rounds unanswered, and it is dead. */
const LOST = 6;
const WINDOW = 8;
/** Rounds in a row that a dead one has to answer; more where it has died often of late. */
const HITS = 10;
/** The far end is believed sooner: while no far end answers, hosts have no default router. */
const FAR_HITS = 2;
/** Deaths this close together count as flapping. */
const FLAP_WINDOW_MS = 3_600_000;
/** Unanswered rounds from the first on, after which one that never answered is taken for silent where another one answers. */
const MUTE = 3;

interface Track {
  readonly life: Life;
  /** Rounds since it last changed its life, the last at most; the latest comes last. */
  readonly recent: readonly boolean[];
  /** Answered in a row. */
  readonly streak: number;
}

/** What is known of one tunnel. */
export interface Way {
  readonly beyond: Track;
  readonly far: Track;
  /** Monotonic, within the window of flapping. */
  readonly deathsMs: readonly number[];
  /** The target that answered last. */
  readonly by: string | undefined;
  /** Wall clock: of the last answer from beyond, or of the first question. */
  readonly heardMs: number;
}

/** What came of one round; `far` undefined: it was not asked. */
export interface Round {
  readonly by: string | undefined;
  readonly far: boolean | undefined;
}

const NEW: Track = { life: "unknown", recent: [], streak: 0 };

export function newWay(wallMs: number): Way {
  return { beyond: NEW, far: NEW, deathsMs: [], by: undefined, heardMs: wallMs };
}

/** What is asked in the next round: while all is well one target, and no more. */
export function nextQuestions(
  { beyond, far, by }: Way,
  targets: readonly string[],
): { readonly targets: readonly string[]; readonly far: boolean } {
  const isWell = beyond.life === "alive" && beyond.streak > 0 && by !== undefined && targets.includes(by);
  // Whether its far end answers at all has to be known before it matters.
  const isUntried = far.life === "unknown" && far.recent.length < WINDOW;
  return { targets: isWell ? [by] : targets, far: !isWell || isUntried };
}

/**
 * @param alone nothing else lives: whoever answers is taken at once, however often it has died
 */
export function afterRound(
  way: Way,
  { by, far }: Round,
  { nowMs, wallMs, alone }: { readonly nowMs: number; readonly wallMs: number; readonly alone: boolean },
): Way {
  const deathsMs = way.deathsMs.filter((ms) => nowMs - ms < FLAP_WINDOW_MS);
  const { hits } = dampened({ misses: LOST, hits: HITS }, alone ? 0 : deathsMs.length);
  const answered = by !== undefined;
  const beyond = observe(way.beyond, answered, hits);
  const died = way.beyond.life === "alive" && beyond.life === "dead";
  return {
    beyond,
    far: farAfter(way.far, answered, far),
    deathsMs: died ? [...deathsMs, nowMs] : deathsMs,
    by: by ?? way.by,
    heardMs: answered ? wallMs : way.heardMs,
  };
}

/** What answered from beyond came through the far end. That it ever answers for itself is another matter. */
function farAfter(before: Track, beyondAnswered: boolean, answered: boolean | undefined): Track {
  const after = answered === undefined ? before : observe(before, answered, FAR_HITS);
  if (!beyondAnswered || after.life === "unknown") return after;
  return { life: "alive", recent: [], streak: after.streak };
}

function observe({ life, recent, streak }: Track, answered: boolean, hits: number): Track {
  const rounds = [...recent, answered].slice(-WINDOW);
  const row = answered ? streak + 1 : 0;
  const lost = rounds.filter((one) => !one).length;
  if (life === "unknown" && answered) return { life: "alive", recent: [], streak: row };
  if (life === "alive" && lost >= LOST) return { life: "dead", recent: [], streak: row };
  if (life === "dead" && row >= hits) return { life: "alive", recent: [], streak: row };
  return { life, recent: rounds, streak: row };
}

/** A tunnel as it is judged. */
export interface HomeTunnelFacts {
  readonly id: string;
  /** Whether it has an address to begin at; undefined: not known yet. */
  readonly placed: boolean | undefined;
  /** Undefined: it is not asked. */
  readonly way: Way | undefined;
}

export interface HomeWays {
  /** Identifiers of tunnels whose addresses hosts should not choose: others are better. */
  readonly deprecated: ReadonlySet<string>;
  /** Whether hosts are told that this is a default router. */
  readonly isDefaultRouter: boolean;
  /** For people: object to what is the matter. */
  readonly said: ReadonlyMap<string, string>;
}

/**
 * `fresh`: nothing is known against it. `near`: the far end answers, nothing beyond it does. `mute`: nothing answers, and the far end never did
 * for itself, so it cannot be told where it ends. `cut`: not even the far end answers, which it did before.
 */
type Standing = "unplaced" | "fresh" | "alive" | "near" | "mute" | "cut";

function standingOf({ placed, way }: HomeTunnelFacts): Standing {
  if (placed === false) return "unplaced";
  if (placed === undefined || way === undefined) return "fresh";
  const { beyond, far } = way;
  if (beyond.life === "alive") return "alive";
  if (beyond.life === "unknown" && beyond.recent.length < MUTE) return "fresh";
  if (far.life === "alive") return "near";
  return far.life === "dead" ? "cut" : "mute";
}

/**
 * Nothing is deprecated but where something else is known to be better (RFC 8028 section 3.3, RFC 7084 L-13), so a home with one tunnel, and one
 * whose tunnels all fell silent alike, goes on as it is. No default router while every tunnel is known to carry nothing (RFC 7084 G-4, G-5);
 * that no target answers is not enough for that: a target may have died, and hosts may want something else.
 */
export function judgeWays(tunnels: readonly HomeTunnelFacts[]): HomeWays {
  const all = tunnels.map((tunnel) => ({ ...tunnel, standing: standingOf(tunnel) }));
  const has = (wanted: Standing): boolean => all.some(({ standing }) => standing === wanted);
  const worse: readonly Standing[] = has("alive")
    ? ["unplaced", "near", "mute", "cut"]
    : has("near")
      ? ["unplaced", "cut"]
      : [];
  const deprecated = new Set(all.filter(({ standing }) => worse.includes(standing)).map(({ id }) => id));
  const isDefaultRouter = all.some(({ standing }) => standing !== "unplaced" && standing !== "cut");
  const said = new Map<string, string>();
  for (const { id, standing, way } of all) {
    if (way === undefined || standing === "unplaced" || standing === "fresh" || standing === "alive")
      continue;
    if (way.beyond.life === "dead" && way.beyond.streak > 0) {
      said.set(`provider ${id}`, `provider ${id} answers again, and is used when it has for a while`);
      continue;
    }
    const since = `since ${new Date(way.heardMs).toISOString()}`;
    const what =
      standing === "near"
        ? `nothing beyond provider ${id} answers ${since}, its access router does`
        : `provider ${id} does not answer ${since}`;
    const rest = deprecated.has(id) ? "hosts use the others" : "no other does better, so it stays in use";
    said.set(`provider ${id}`, `${what}; ${rest}`);
  }
  if (!isDefaultRouter && all.length > 0)
    said.set(
      "home default router",
      "no tunnel carries anything: hosts are told that this is no default router until one does",
    );
  return { deprecated, isDefaultRouter, said };
}
