import { Stack, Text } from "@mantine/core";
import type { OwnPath } from "../../api/types.ts";
import { useFormat } from "../../i18n/format.ts";
import { useTexts } from "../../i18n/i18n.ts";
import { Mark, type Tone } from "../../parts/mark.tsx";
import { useNow } from "../../parts/now.ts";
import { pathTexts } from "./path.texts.ts";

const TONES: Readonly<Record<string, Tone>> = { good: "good", poor: "warning", bad: "bad" };

/** Which plane carries a connection, and how the network feels on its way: as seen, never as wanted. */
export function OwnPathLines({ path: { router, wanted, planes, health } }: { readonly path: OwnPath }) {
  const t = useTexts(pathTexts);
  const format = useFormat();
  const now = useNow();
  return (
    <Stack gap={4} role="group" aria-label={t("path")}>
      <Text size="sm">
        {router === null
          ? t("no-router")
          : planes.length === 0
            ? t("plane-unseen", { router })
            : t("plane-seen", { router, planes: planes.join(", ") })}
        {wanted !== null && planes.length > 0 && planes.some((plane) => plane !== wanted) && (
          <> {t("plane-moving", { wanted })}</>
        )}
      </Text>
      {health === null ? (
        <Text size="sm">{t("health-none")}</Text>
      ) : (
        <Mark tone={health.stale ? "plain" : (TONES[health.state] ?? "plain")}>
          {t(`health-${health.stale ? "stale" : health.state}`, { time: format.ago(health.at, now) })}{" "}
          {t(`of-${health.of}`)}
        </Mark>
      )}
      {health !== null &&
        !health.stale &&
        health.verdicts.map(({ code, text }) => (
          <Text key={code + text} size="sm" pl="md">
            {text}
          </Text>
        ))}
    </Stack>
  );
}
