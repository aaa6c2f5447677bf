import { NavLink, Stack, Text } from "@mantine/core";
import { Link, useLocation } from "wouter";
import { may } from "../api/queries.ts";
import type { Session } from "../api/types.ts";
import { useLanguage, useTexts } from "../i18n/i18n.ts";
import { PAGES } from "../pages/index.ts";
import { shellTexts } from "./shell.texts.ts";

/** The pages that this user may see. */
export function Navigation({
  session,
  onChosen,
}: {
  readonly session: Session;
  readonly onChosen: () => void;
}) {
  const t = useTexts(shellTexts);
  const [language] = useLanguage();
  const [path] = useLocation();
  const groups = [
    { title: t("network"), below: "/noc" },
    { title: t("mine"), below: "/my" },
  ];
  return (
    <Stack gap="xs">
      {groups.map(({ title, below }) => {
        const pages = PAGES.filter((page) => page.path.startsWith(below) && may(session, page.needs));
        const shown = pages.flatMap(({ path, label }) => (label === undefined ? [] : [{ path, label }]));
        if (shown.length === 0) return null;
        return (
          <div key={below}>
            <Text size="sm" c="dimmed" fw={600} px="xs" py={4}>
              {title}
            </Text>
            {shown.map((page) => (
              <NavLink
                key={page.path}
                component={Link}
                href={page.path}
                label={page.label[language]}
                active={path === page.path}
                aria-current={path === page.path ? "page" : undefined}
                variant="filled"
                onClick={onChosen}
              />
            ))}
          </div>
        );
      })}
    </Stack>
  );
}
