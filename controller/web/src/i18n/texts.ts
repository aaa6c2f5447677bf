/** Texts of one page or part, in each language: the same keys in both, which the compiler and a test look after. */
export interface Texts<Keys extends string = string> {
  /** Of its own: no two have the same. */
  readonly name: string;
  readonly en: Readonly<Record<Keys, string>>;
  readonly ja: Readonly<Record<Keys, string>>;
}

/**
 * Texts of a page. `{{word}}` is replaced by a value; where a number decides, write both `thing_one` and `thing_other` and ask for
 * `thing` with `count` (Japanese has both too, alike).
 */
export function defineTexts<const E extends Readonly<Record<string, string>>>(
  name: string,
  languages: { readonly en: E; readonly ja: { readonly [K in keyof E]: string } },
): Texts<keyof E & string> {
  return { name, ...languages };
}

/** What may be asked for: of `thing_one` and `thing_other`, `thing`. */
export type TextKey<Keys extends string> = Keys extends `${infer Base}_one` | `${infer Base}_other`
  ? Base
  : Keys;
