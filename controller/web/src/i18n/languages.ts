/** Languages that every text of ours exists in. */
export const LANGUAGES = ["en", "ja"] as const;
export type Language = (typeof LANGUAGES)[number];

export const LANGUAGE_NAMES: Readonly<Record<Language, string>> = { en: "English", ja: "日本語" };

/** The first that we have of those a browser's user prefers (BCP 47 tags). */
export function preferred(tags: readonly string[]): Language {
  for (const tag of tags) {
    const found = LANGUAGES.find((language) => tag === language || tag.startsWith(`${language}-`));
    if (found !== undefined) return found;
  }
  return "en";
}

/** The first of a browser's tags that is of this language: who reads English in Britain writes dates as people do there. */
export function regional(language: Language, tags: readonly string[]): string {
  return tags.find((tag) => tag.startsWith(`${language}-`)) ?? language;
}
