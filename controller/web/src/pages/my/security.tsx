import { useTexts } from "../../i18n/i18n.ts";
import { Page } from "../../parts/page.tsx";
import { Identity } from "./identity.tsx";
import { PasswordChange } from "./password-change.tsx";
import { SecondFactor } from "./second-factor.tsx";
import { securityTexts } from "./security.texts.ts";

/** What a user proves himself with. */
export function SecurityPage() {
  const t = useTexts(securityTexts);
  return (
    <Page title={t("title")}>
      <SecondFactor />
      <PasswordChange />
      <Identity />
    </Page>
  );
}
