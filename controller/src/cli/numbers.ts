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
