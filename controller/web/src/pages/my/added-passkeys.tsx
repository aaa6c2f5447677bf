import { Alert, Anchor, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Link } from "wouter";
import { useFormat } from "../../i18n/format.ts";
import { useTexts } from "../../i18n/i18n.ts";
import { proofsQuery } from "./own-queries.ts";
import { passkeysTexts } from "./passkeys.texts.ts";

/**
 * Passkeys that were made then: they open the account, and other browsers stay signed in, so whoever did not make them has to
 * hear of it. Nothing where there are none.
 */
export function AddedPasskeys({
  sinceMs,
  untilMs = Number.POSITIVE_INFINITY,
}: {
  readonly sinceMs: number;
  readonly untilMs?: number;
}) {
  const t = useTexts(passkeysTexts);
  const format = useFormat();
  const { data } = useQuery(proofsQuery);
  const [readMs, setReadMs] = useState(Number.NEGATIVE_INFINITY);
  const added =
    data?.passkeys?.filter(({ createdAt }) => {
      const madeMs = Date.parse(createdAt);
      return madeMs > Math.max(sinceMs, readMs) && madeMs <= untilMs;
    }) ?? [];
  if (added.length === 0) return null;
  const read = () => setReadMs(Math.max(...added.map(({ createdAt }) => Date.parse(createdAt))));
  return (
    <Alert color="orange" mb="md" withCloseButton closeButtonLabel={t("added-read")} onClose={read}>
      <Text fw={600}>{t("added-title")}</Text>
      {added.map(({ id, name, createdAt }) => (
        <Text key={id} size="sm">
          {t("added-lately", { name, time: format.time(createdAt) })}
        </Text>
      ))}
      <Text size="sm">
        {t("added-not-you")}{" "}
        <Anchor component={Link} href="/my/security" inherit underline="always">
          {t("added-where")}
        </Anchor>
      </Text>
    </Alert>
  );
}
