/** Where one can go by typing. Pure. */
export interface Destination {
  readonly href: string;
  readonly name: string;
}

/** More nobody reads. */
const MOST = 30;

/** Those that have every word, in any order; what begins with what was typed first. */
export function found(all: readonly Destination[], typed: string): readonly Destination[] {
  const words = typed.trim().toLowerCase().split(/\s+/);
  const [first = ""] = words;
  return all
    .filter(({ name }) => words.every((word) => name.toLowerCase().includes(word)))
    .map((one, place) => ({
      one,
      place,
      isWhole: one.name
        .toLowerCase()
        .split(/\s+/)
        .some((word) => word.startsWith(first)),
    }))
    .sort((a, b) => Number(b.isWhole) - Number(a.isWhole) || a.place - b.place)
    .slice(0, MOST)
    .map(({ one }) => one);
}

/** An IPv6 address or prefix, near enough to ask the controller about it. */
export function looksLikeAddress(text: string): boolean {
  return /^[0-9a-f:.]{2,45}(\/\d{1,3})?$/i.test(text) && text.includes(":");
}
