import { useQuery } from "@tanstack/react-query";
import { useTexts } from "../../i18n/i18n.ts";
import { Answer } from "../../parts/answer.tsx";
import { Page } from "../../parts/page.tsx";
import { Identity } from "./identity.tsx";
import { proofsQuery } from "./own-queries.ts";
import { Passkeys } from "./passkeys.tsx";
import { PasswordChange } from "./password-change.tsx";
import { SecondFactor } from "./second-factor.tsx";
import { securityTexts } from "./security.texts.ts";

/** What a user proves himself with. */
export function SecurityPage() {
  const t = useTexts(securityTexts);
  const proofs = useQuery(proofsQuery);
  return (
    <Page title={t("title")}>
      <Answer of={proofs}>
        {({ passkeys, totp, recoveryCodesLeft }) => (
          <>
            {passkeys !== null && <Passkeys passkeys={passkeys} />}
            <SecondFactor isSet={totp} recoveryCodesLeft={recoveryCodesLeft} />
          </>
        )}
      </Answer>
      <PasswordChange />
      <Identity />
    </Page>
  );
}
