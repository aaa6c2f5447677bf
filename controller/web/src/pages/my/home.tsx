import { Button, Group, Stack, Table, Text, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "wouter";
import type { Application, Me } from "../../api/types.ts";
import { useTexts } from "../../i18n/i18n.ts";
import { Answer } from "../../parts/answer.tsx";
import { Page } from "../../parts/page.tsx";
import { ConnectionActions } from "./connection-actions.tsx";
import { ConnectionCard } from "./connection-card.tsx";
import { homeTexts } from "./home.texts.ts";
import { meQuery, ownApplicationsQuery, ownPathsQuery, useOwnApplicationsLive } from "./own-queries.ts";

/** What a user has, and how it stands at the routers this moment. */
export function MyHomePage() {
  const t = useTexts(homeTexts);
  useOwnApplicationsLive();
  const me = useQuery(meQuery);
  const applications = useQuery(ownApplicationsQuery);
  const paths = useQuery(ownPathsQuery).data?.paths ?? [];
  return (
    <Page title={t("title")}>
      <Stack component="section" aria-label={t("connections")}>
        <Title order={2} size="h3">
          {t("connections")}
        </Title>
        <Answer of={applications} isEmpty={({ applications: all }) => all.length === 0} empty={<Begin />}>
          {({ applications: all }) =>
            livingFirst(all).map((application) => (
              <ConnectionCard
                key={application.id}
                application={application}
                path={paths.find((path) => path.application === application.id)}
                actions={<ConnectionActions application={application} />}
              />
            ))
          }
        </Answer>
      </Stack>
      <Answer of={me}>
        {(data) => (
          <Group align="start" gap="xl">
            {data.projects.length > 0 && <Projects me={data} />}
            <Quotas me={data} />
          </Group>
        )}
      </Answer>
    </Page>
  );
}

/** Whoever has nothing yet is told what there is to have. */
function Begin() {
  const t = useTexts(homeTexts);
  return (
    <Stack gap="sm" maw={560}>
      <Text>{t("no-connections")}</Text>
      <Text>{t("no-connections-lead")}</Text>
      <Button component={Link} href="/my/new" w="fit-content">
        {t("begin")}
      </Button>
    </Stack>
  );
}

function livingFirst(applications: readonly Application[]): readonly Application[] {
  const isOver = ({ state }: Application): number => Number(state === "refused" || state === "revoked");
  return [...applications].sort((a, b) => isOver(a) - isOver(b) || b.id - a.id);
}

function Projects({ me }: { readonly me: Me }) {
  const t = useTexts(homeTexts);
  return (
    <Stack component="section" aria-label={t("projects")}>
      <Title order={2} size="h3">
        {t("projects")}
      </Title>
      <Table>
        <Table.Tbody>
          {me.projects.map(({ project, role }) => (
            <Table.Tr key={project}>
              <Table.Th scope="row">{project}</Table.Th>
              <Table.Td>{t(`role-${role}`)}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Stack>
  );
}

function Quotas({ me }: { readonly me: Me }) {
  const t = useTexts(homeTexts);
  return (
    <Stack component="section" aria-label={t("quotas")}>
      <Title order={2} size="h3">
        {t("quotas")}
      </Title>
      <Table>
        <Table.Tbody>
          {me.quotas.map(({ service, used, limit }) => (
            <Table.Tr key={service}>
              <Table.Th scope="row">{t(service)}</Table.Th>
              <Table.Td>{limit === null ? t("no-limit", { used }) : t("limit", { used, limit })}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Stack>
  );
}
