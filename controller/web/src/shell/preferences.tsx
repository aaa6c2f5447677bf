import {
  SegmentedControl,
  Stack,
  Switch,
  useComputedColorScheme,
  useMantineColorScheme,
} from "@mantine/core";
import { useLanguage, useTexts } from "../i18n/i18n.ts";
import { LANGUAGE_NAMES, LANGUAGES, type Language } from "../i18n/languages.ts";
import { shellTexts } from "./shell.texts.ts";

/** Language and colours; kept by the browser. */
export function Preferences() {
  const t = useTexts(shellTexts);
  const [language, choose] = useLanguage();
  const { setColorScheme } = useMantineColorScheme();
  const isDark = useComputedColorScheme("light") === "dark";
  return (
    <Stack gap="xs">
      <SegmentedControl
        fullWidth
        aria-label={t("language")}
        value={language}
        onChange={(chosen) => choose(chosen as Language)}
        data={LANGUAGES.map((value) => ({
          value,
          label: <span lang={value}>{LANGUAGE_NAMES[value]}</span>,
        }))}
      />
      <Switch
        label={t("dark")}
        checked={isDark}
        onChange={({ currentTarget }) => setColorScheme(currentTarget.checked ? "dark" : "light")}
      />
    </Stack>
  );
}
