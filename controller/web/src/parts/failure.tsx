import { Alert, Button } from "@mantine/core";
import { ApiError } from "../api/client.ts";
import { useTexts } from "../i18n/i18n.ts";
import { partsTexts } from "./parts.texts.ts";

const OWN_WORDS = ["forbidden", "network", "too-many-requests", "unauthenticated"] as const;

/** What went wrong, in the reader's language where the code is one that has words here; else as the controller said it. */
export function Failure({ error, again }: { readonly error: unknown; readonly again?: () => void }) {
  const t = useTexts(partsTexts);
  const code = OWN_WORDS.find((one) => error instanceof ApiError && error.code === one);
  const text = code === undefined ? (error instanceof Error ? error.message : String(error)) : t(code);
  return (
    <Alert color="red" title={t("failed")} role="alert">
      <p>{text}</p>
      {again !== undefined && (
        <Button size="xs" variant="default" onClick={again}>
          {t("again")}
        </Button>
      )}
    </Alert>
  );
}
