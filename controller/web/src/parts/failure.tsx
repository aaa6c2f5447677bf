import { Alert, Button, Text } from "@mantine/core";
import { ApiError } from "../api/client.ts";
import { useTexts } from "../i18n/i18n.ts";
import { partsTexts } from "./parts.texts.ts";

const OWN_WORDS = [
  ...(["application-state", "bad-endpoint", "bad-password", "device-exists"] as const),
  ...([
    "endpoint-taken",
    "forbidden",
    "network",
    "portal-busy",
    "provider-failed",
    "quota-exceeded",
  ] as const),
  ...(["service-closed", "too-many-links", "too-many-requests", "unauthenticated"] as const),
] as const;
/** Codes of which the controller's own words say more, such as what was wrong with an address. */
const SAYS_MORE: ReadonlySet<string> = new Set([
  "application-state",
  "bad-endpoint",
  "bad-password",
  "quota-exceeded",
]);

/** What went wrong, in the reader's language where the code is one that has words here; else as the controller said it. */
export function Failure({ error, again }: { readonly error: unknown; readonly again?: () => void }) {
  const t = useTexts(partsTexts);
  const code = OWN_WORDS.find((one) => error instanceof ApiError && error.code === one);
  const said = error instanceof Error ? error.message : String(error);
  return (
    <Alert color="red" title={t("failed")} role="alert">
      <p>{code === undefined ? said : t(code)}</p>
      {code !== undefined && SAYS_MORE.has(code) && (
        <p>
          <Text component="span" size="sm" lang="en">
            {said}
          </Text>
        </p>
      )}
      {again !== undefined && (
        <Button size="xs" variant="default" onClick={again}>
          {t("again")}
        </Button>
      )}
    </Alert>
  );
}
