import { PasswordInput } from "@mantine/core";
import { useTexts } from "../i18n/i18n.ts";
import { partsTexts } from "./parts.texts.ts";

/** The password that counts now: whoever stole a session does not know it. */
export function CurrentPassword({
  value,
  onChange,
}: {
  readonly value: string;
  readonly onChange: (typed: string) => void;
}) {
  const t = useTexts(partsTexts);
  return (
    <PasswordInput
      label={t("current-password")}
      autoComplete="current-password"
      required
      value={value}
      onChange={({ currentTarget }) => onChange(currentTarget.value)}
    />
  );
}
