import { Anchor, Group, Stack, Text, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link, useParams } from "wouter";
import { api } from "../../../api/client.ts";
import { useTexts } from "../../../i18n/i18n.ts";
import { Answer } from "../../../parts/answer.tsx";
import { Mark } from "../../../parts/mark.tsx";
import { Page } from "../../../parts/page.tsx";
import { userQuery, usersQuery } from "./access-queries.ts";
import { projectTexts } from "./project.texts.ts";
import { STATE_TONES } from "./projects.tsx";
import { Quotas } from "./quotas.tsx";

/** One user: his projects, and how much he may have. */
export function UserPage() {
  const t = useTexts(projectTexts);
  const { name = "" } = useParams<{ name: string }>();
  const user = useQuery(userQuery(name));
  return (
    <Page title={name}>
      <Answer of={user}>
        {({ state, display, projects, quotas }) => (
          <>
            <Stack gap={4} role="status">
              <Mark tone={STATE_TONES[state]}>{t(`is-${state}`)}</Mark>
              {display !== "" && <Text size="sm">{display}</Text>}
            </Stack>
            {projects.length > 0 && (
              <Stack gap="xs">
                <Title order={2} size="h3">
                  {t("projects")}
                </Title>
                {projects.map(({ project, role }) => (
                  <Group key={project} gap="xs">
                    <Anchor component={Link} href={`/noc/projects/${project}`}>
                      {project}
                    </Anchor>
                    <Text size="sm">{role}</Text>
                  </Group>
                ))}
              </Stack>
            )}
            <Quotas
              quotas={quotas}
              refreshes={[userQuery(name).queryKey, usersQuery.queryKey]}
              set={(service, most) =>
                api.POST("/v1/users/{name}/quota", {
                  params: { path: { name } },
                  body: { service, ...(most === undefined ? {} : { most }) },
                })
              }
            />
          </>
        )}
      </Answer>
    </Page>
  );
}
