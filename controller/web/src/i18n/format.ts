import { useMemo } from "react";
import { useLanguage } from "./i18n.ts";
import { regional } from "./languages.ts";

const MINUTE_S = 60;
const HOUR_S = 60 * MINUTE_S;
const DAY_S = 24 * HOUR_S;

export interface Format {
  /** RFC 3339 to day and time of the reader's own clock. */
  readonly time: (at: string) => string;
  /** How long ago, in words, as of `nowMs`. */
  readonly ago: (at: string, nowMs: number) => string;
  readonly number: (value: number) => string;
  /** Octets with a unit. */
  readonly octets: (value: number) => string;
}

export function makeFormat(language: string): Format {
  const time = new Intl.DateTimeFormat(language, { dateStyle: "medium", timeStyle: "medium" });
  const relative = new Intl.RelativeTimeFormat(language, { numeric: "auto" });
  const number = new Intl.NumberFormat(language);
  const units = ["byte", "kilobyte", "megabyte", "gigabyte", "terabyte", "petabyte"].map(
    (unit) =>
      new Intl.NumberFormat(language, {
        style: "unit",
        unit,
        unitDisplay: "short",
        maximumSignificantDigits: 3,
      }),
  );
  return {
    time: (at) => time.format(new Date(at)),
    ago: (at, nowMs) => {
      const seconds = Math.round((Date.parse(at) - nowMs) / 1000);
      const size = Math.abs(seconds);
      if (size < MINUTE_S) return relative.format(seconds, "second");
      if (size < HOUR_S) return relative.format(Math.round(seconds / MINUTE_S), "minute");
      if (size < DAY_S) return relative.format(Math.round(seconds / HOUR_S), "hour");
      return relative.format(Math.round(seconds / DAY_S), "day");
    },
    number: (value) => number.format(value),
    octets: (value) => {
      let [size, unit] = [value, 0];
      while (size >= 1000 && unit < units.length - 1) {
        size /= 1000;
        unit++;
      }
      return units[unit]?.format(size) ?? String(value);
    },
  };
}

export function useFormat(): Format {
  const [language] = useLanguage();
  return useMemo(() => makeFormat(regional(language, navigator.languages)), [language]);
}
