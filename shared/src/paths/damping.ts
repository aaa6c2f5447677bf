/** Route flap damping (RFC 2439 section 4.2) for notices: what changes too often is told once, then when it is quiet. */
export interface DampingSettings {
  /** Added for each change. */
  readonly penalty: number;
  /** Above this nothing is told. */
  readonly suppress: number;
  /** Below this it is told again. */
  readonly reuse: number;
  readonly halfLifeMs: number;
  /** Never more than this, so that nothing is held back for longer than halfLife × log2(most / reuse). */
  readonly most: number;
}

/** Four changes within a few minutes are flapping; quiet is at most 10 minutes of none. */
export const DEFAULT_DAMPING: DampingSettings = {
  penalty: 1000,
  suppress: 3500,
  reuse: 1250,
  halfLifeMs: 5 * 60_000,
  most: 5000,
};

export interface Damping {
  readonly penalty: number;
  /** When `penalty` was right; it halves every half-life since. */
  readonly at: number;
  readonly suppressed: boolean;
}

export const NO_DAMPING: Damping = { penalty: 0, at: 0, suppressed: false };

/** The same a while later. A clock that went back changes nothing. */
export function decayed(damping: Damping, at: number, settings: DampingSettings): Damping {
  const elapsed = Math.max(0, at - damping.at);
  const penalty = damping.penalty * 2 ** (-elapsed / settings.halfLifeMs);
  return { penalty, at, suppressed: damping.suppressed && penalty >= settings.reuse };
}

/** After one more change. */
export function punished(damping: Damping, at: number, settings: DampingSettings): Damping {
  const now = decayed(damping, at, settings);
  const penalty = Math.min(settings.most, now.penalty + settings.penalty);
  return { penalty, at, suppressed: now.suppressed || penalty > settings.suppress };
}
