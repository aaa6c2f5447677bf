import { InvalidArgumentError } from "commander";

/** A positive whole number from the command line; throws commander's usage error. */
export function wholeNumber(text: string): number {
  if (!/^[1-9][0-9]{0,8}$/.test(text)) throw new InvalidArgumentError("wants a positive whole number");
  return Number(text);
}

/** Seconds as milliseconds; 0 to 600. */
export function secondsToMs(text: string): number {
  const seconds = Number(text);
  if (!/^[0-9.]+$/.test(text) || !(seconds >= 0 && seconds <= 600)) {
    throw new InvalidArgumentError("wants seconds, 0 to 600");
  }
  return Math.round(seconds * 1000);
}

const UNIT_S: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 };

/** Parser of a time such as `90s`, `30m`, `1h`, `7d` into seconds, at least 10 of them; at most `maxDays`. */
export function timeUpTo(maxDays: number): (text: string) => number {
  return (text) => {
    const [, count, unit = ""] = /^([1-9][0-9]{0,8})([smhd])$/.exec(text) ?? [];
    const seconds = Number(count) * (UNIT_S[unit] ?? Number.NaN);
    if (seconds >= 10 && seconds <= maxDays * 86_400) return seconds;
    throw new InvalidArgumentError(`wants a time from 10s to ${maxDays}d, as in 90s, 30m, 1h, 7d`);
  };
}

/** A time such as `2s`, `1.5m`, `1h`, `7d` as milliseconds: 1 s to 30 days. */
export function spanToMs(text: string): number {
  const [, count, unit = ""] = /^([0-9]{1,6}(?:\.[0-9]{1,3})?)([smhd])$/.exec(text) ?? [];
  const ms = Math.round(Number(count) * (UNIT_S[unit] ?? Number.NaN) * 1000);
  if (ms >= 1000 && ms <= 30 * 86_400_000) return ms;
  throw new InvalidArgumentError("wants a time from 1s to 30d, as in 10s, 1.5m, 1h");
}

/** 10 s to 30 days. */
export const durationToS = timeUpTo(30);

/** `60` or `60s`; 5 to 3600. */
export function confirmSeconds(text: string): number {
  const seconds = Number(/^([0-9]{1,4})s?$/.exec(text)?.[1] ?? Number.NaN);
  if (!(seconds >= 5 && seconds <= 3600)) throw new InvalidArgumentError("wants seconds, 5 to 3600");
  return seconds;
}

/** RFC 3339, or its date alone (then at 00:00 UTC), as milliseconds since 1970. */
export function timeToMs(text: string): number {
  const ms = /^\d{4}-\d{2}-\d{2}(T[0-9:.]+(Z|[+-]\d{2}:\d{2}))?$/.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isFinite(ms) && ms >= 0) return ms;
  throw new InvalidArgumentError("wants a time such as 2026-03-01T12:00:00Z, or a date");
}
