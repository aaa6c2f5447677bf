import { Card, Code, Group, SimpleGrid, Stack, Text, Title } from "@mantine/core";
import type { ReactNode } from "react";
import type { Application, OwnPath } from "../../api/types.ts";
import { useFormat } from "../../i18n/format.ts";
import { useTexts } from "../../i18n/i18n.ts";
import { useNow } from "../../parts/now.ts";
import { homeTexts } from "./home.texts.ts";
import { OwnPathLines } from "./own-path.tsx";
import { StandingMark } from "./standing-mark.tsx";

/** One tunnel or device: what it is, how it stands, its addresses, what was counted. `actions`: what can be done with it. */
export function ConnectionCard({
  application,
  path,
  actions,
}: {
  readonly application: Application;
  readonly path?: OwnPath | undefined;
  readonly actions?: ReactNode;
}) {
  const t = useTexts(homeTexts);
  const format = useFormat();
  const now = useNow();
  const { device, service, prefixes, endpoint, use, project } = application;
  return (
    <Card withBorder component="article" aria-label={device} data-application={application.id}>
      <Stack gap="sm">
        <Group justify="space-between">
          <Group gap="xs">
            <Title order={3} size="h4">
              {device}
            </Title>
            <Text size="sm" c="dimmed">
              {t(service)}
              {project !== null && ` · ${project}`}
            </Text>
          </Group>
          {actions}
        </Group>
        <div role="status">
          <StandingMark application={application} />
        </div>
        <SimpleGrid cols={{ base: 1, sm: 2, lg: 4 }} spacing="xs">
          {prefixes.length > 0 && (
            <Figure name={t("prefixes")}>
              {prefixes.map((prefix) => (
                <Code key={prefix} block={false}>
                  {prefix}
                </Code>
              ))}
            </Figure>
          )}
          {endpoint !== null && (
            <Figure name={t("endpoint")}>
              <Code>{endpoint}</Code>
            </Figure>
          )}
          {use !== null && (
            <>
              <Figure name={t("received")}>{format.octets(use.rxOctets)}</Figure>
              <Figure name={t("sent")}>{format.octets(use.txOctets)}</Figure>
              {use.handshakeAt !== null && (
                <Figure name={t("handshake")}>{format.ago(use.handshakeAt, now)}</Figure>
              )}
              {use.activeAt !== null && <Figure name={t("active")}>{format.ago(use.activeAt, now)}</Figure>}
            </>
          )}
        </SimpleGrid>
        {path !== undefined && application.state === "active" && <OwnPathLines path={path} />}
      </Stack>
    </Card>
  );
}

function Figure({ name, children }: { readonly name: string; readonly children: ReactNode }) {
  return (
    <div>
      <Text size="sm" c="dimmed">
        {name}
      </Text>
      <Text component="div" size="sm">
        {children}
      </Text>
    </div>
  );
}
