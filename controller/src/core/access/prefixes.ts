/**
 * States of a prefix; one that is in none of them is free.
 * reserved: nobody gets it, nothing uses it. active: somebody has it. quarantine: came back, and is given to nobody until
 * its time is over. revoked: taken back for a reason, and given to nobody until an operator releases it.
 */
export const PREFIX_STATES = ["reserved", "active", "quarantine", "revoked"] as const;
export type PrefixState = (typeof PREFIX_STATES)[number];

export const PREFIX_ACTIONS = ["activate", "release", "revoke", "free"] as const;
export type PrefixAction = (typeof PREFIX_ACTIONS)[number];

const NEXT: Readonly<Record<PrefixState, Partial<Record<PrefixAction, PrefixState | "free">>>> = {
  reserved: { activate: "active", release: "free", revoke: "revoked", free: "free" },
  active: { release: "quarantine", revoke: "revoked" },
  quarantine: { free: "free", revoke: "revoked" },
  revoked: { release: "quarantine", free: "free" },
};

/** The state after an action; undefined where the action makes no sense. What is active never becomes free at once. */
export function nextPrefixState(state: PrefixState, action: PrefixAction): PrefixState | "free" | undefined {
  return NEXT[state][action];
}

/** What may be done with a prefix in this state. */
export function prefixActions(state: PrefixState): readonly PrefixAction[] {
  return PREFIX_ACTIONS.filter((action) => NEXT[state][action] !== undefined);
}

export function isPrefixState(text: string): text is PrefixState {
  return PREFIX_STATES.some((state) => state === text);
}
