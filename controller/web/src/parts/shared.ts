import { replaceEqualDeep } from "@tanstack/react-query";
import { useRef } from "react";

/** The value, with every part that is as it was before being the same object as before: what shows such a part need not be shown anew. */
export function useShared<T>(value: T): T {
  const before = useRef<T>(undefined);
  // The same for the same two values, however often it is asked.
  const shared: T = replaceEqualDeep(before.current, value);
  before.current = shared;
  return shared;
}
