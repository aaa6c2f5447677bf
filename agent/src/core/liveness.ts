/**
 * Whether a neighbour on a link still answers, from echoes sent at a steady pace. A plane link can go silent with its
 * carrier up; BGP's hold timer would take seconds to see it (facts-planes: 2,235 packets at 3 s). A neighbour that
 * has never answered is never declared dead: it may filter echoes.
 */
export interface LivenessSettings {
  /** Unanswered echoes in a row after which the neighbour is dead. */
  readonly misses: number;
  /** Answers in a row after which it is alive again. */
  readonly hits: number;
}

export type Life = "unknown" | "alive" | "dead";

export interface Liveness {
  readonly life: Life;
  readonly missed: number;
  readonly answered: number;
}

export const UNKNOWN_LIFE: Liveness = { life: "unknown", missed: 0, answered: 0 };
export const DEAD: Liveness = { life: "dead", missed: 0, answered: 0 };

/** Deaths this close together count as flapping, milliseconds. */
export const FLAP_WINDOW_MS = 60_000;
/** The most that flapping multiplies the answers asked for. */
const FLAP_FACTOR_MOST = 16;

/** What a neighbour must show that died `deaths` times within the window: twice as many answers for each time but one. */
export function dampened(settings: LivenessSettings, deaths: number): LivenessSettings {
  const factor = Math.min(2 ** Math.max(0, deaths - 1), FLAP_FACTOR_MOST);
  return factor === 1 ? settings : { ...settings, hits: settings.hits * factor };
}

/** The state after one more echo was answered, or was not. */
export function observeEcho(state: Liveness, answered: boolean, settings: LivenessSettings): Liveness {
  if (answered) {
    const count = state.answered + 1;
    const life = state.life === "dead" && count < settings.hits ? "dead" : "alive";
    return { life, missed: 0, answered: count };
  }
  const missed = state.missed + 1;
  const life = state.life === "alive" && missed >= settings.misses ? "dead" : state.life;
  return { life, missed, answered: 0 };
}
