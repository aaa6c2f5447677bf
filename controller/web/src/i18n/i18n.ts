import i18next from "i18next";
import { useCallback, useEffect } from "react";
import { initReactI18next, useTranslation } from "react-i18next";
import { LANGUAGES, type Language, preferred } from "./languages.ts";
import type { TextKey, Texts } from "./texts.ts";

const KEPT_AS = "vsix-language";

function isLanguage(text: string | null): text is Language {
  return LANGUAGES.some((language) => language === text);
}

export async function startI18n(): Promise<void> {
  const kept = localStorage.getItem(KEPT_AS);
  await i18next.use(initReactI18next).init({
    lng: isLanguage(kept) ? kept : preferred(navigator.languages),
    fallbackLng: "en",
    resources: {},
    // React escapes whatever it shows.
    interpolation: { escapeValue: false },
    keySeparator: false,
    nsSeparator: false,
    returnNull: false,
  });
}

export type Translate<Keys extends string> = (
  key: TextKey<Keys>,
  values?: Readonly<Record<string, string | number>>,
) => string;

/** The texts of a page in the language of the moment. */
export function useTexts<Keys extends string>({ name, ...languages }: Texts<Keys>): Translate<Keys> {
  for (const language of LANGUAGES)
    if (!i18next.hasResourceBundle(language, name))
      i18next.addResourceBundle(language, name, languages[language]);
  const { t } = useTranslation(name);
  const ask: (key: string, values: Record<string, unknown>) => unknown = t;
  return useCallback((key, values) => String(ask(key, { ...values })), [ask]);
}

export function useLanguage(): readonly [Language, (language: Language) => void] {
  const { i18n } = useTranslation();
  const language = isLanguage(i18n.language) ? i18n.language : "en";
  useEffect(() => {
    document.documentElement.lang = language;
  }, [language]);
  const choose = useCallback(
    (chosen: Language) => {
      localStorage.setItem(KEPT_AS, chosen);
      void i18n.changeLanguage(chosen);
    },
    [i18n],
  );
  return [language, choose];
}
