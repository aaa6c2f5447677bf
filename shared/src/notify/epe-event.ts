import type { Level } from "../paths/verdict.ts";

export const EPE_EVENT_TYPES = [
  "moved",
  "taken-back",
  "bad-path",
  "path-changed",
  "bad-path-over",
  "alarm",
  "alarm-over",
  "switched",
] as const;
export type EpeEventType = (typeof EPE_EVENT_TYPES)[number];

/** One thing of those that a notice tells. */
export interface EpeLine {
  /** Destination prefix; absent where it is about no destination. */
  readonly prefix?: string;
  /** Plane router or External Edge. */
  readonly node?: string;
  /** One line, with its figures. */
  readonly words: string;
}

/**
 * What egress peer engineering did or found out, as people are told of it: everything of one type since the last notice of that
 * type. Plain JSON.
 */
export interface EpeEvent {
  /**
   * `moved`, `taken-back`: destinations of routers, for real and not only observed; `bad-path`: BGP's choice has a longer AS path
   * than another peer's, or a round trip far above the best one's; `path-changed`: another AS path by a peer in use;
   * `bad-path-over`: no longer so; `alarm`: an encapsulation is missing in a router's kernel, was changed by somebody else,
   * or nothing can be decided; `alarm-over`; `switched`: an operator has said `off`, `observe` or `enable`.
   */
  readonly type: EpeEventType;
  readonly level: Level;
  /** How many. */
  readonly count: number;
  /** Of these the first. */
  readonly lines: readonly EpeLine[];
  /** More, not counted here, that come and go too often to be told each time. */
  readonly held: number;
  /** Wall clock, milliseconds, of the newest. */
  readonly at: number;
}

/** So many of a notice's things are told one by one. */
export const MAX_EPE_LINES = 8;

const LEVELS: Readonly<Record<EpeEventType, Level>> = {
  moved: "notice",
  "taken-back": "warning",
  "bad-path": "warning",
  "path-changed": "notice",
  "bad-path-over": "fine",
  alarm: "alarm",
  "alarm-over": "fine",
  switched: "notice",
};

export function levelOfEpe(type: EpeEventType): Level {
  return LEVELS[type];
}
