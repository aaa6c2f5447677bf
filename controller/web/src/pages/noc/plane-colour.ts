import { useComputedColorScheme } from "@mantine/core";
import { useCallback } from "react";

/** Contrast of at least 4.5 to 1 against the page, in both schemes. */
const NAMED: Readonly<Record<string, readonly [light: string, dark: string]>> = {
  blue: ["#1c5fb8", "#74b0f4"],
  green: ["#20703a", "#69c987"],
};
const OTHERS: readonly (readonly [string, string])[] = [
  ["#1c5fb8", "#74b0f4"],
  ["#20703a", "#69c987"],
  ["#8a3c00", "#ffa94d"],
  ["#7b2fa0", "#d59df0"],
  ["#8f2d56", "#f2a0c0"],
];

/** The colour of a plane: what its name says, else by its place in the fabric file. Names are always beside it. */
export function usePlaneColour(planes: readonly string[]): (plane: string | null) => string {
  const isDark = useComputedColorScheme("light") === "dark";
  const order = planes.join(" ");
  return useCallback(
    (plane) => {
      if (plane === null) return isDark ? "#a6a7ab" : "#5c5f66";
      const named = Object.hasOwn(NAMED, plane) ? NAMED[plane] : undefined;
      const place = Math.max(0, order.split(" ").indexOf(plane));
      return (named ?? OTHERS[place % OTHERS.length])?.[isDark ? 1 : 0] ?? "";
    },
    [isDark, order],
  );
}
