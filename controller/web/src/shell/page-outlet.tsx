import { Loader, Text } from "@mantine/core";
import { type ComponentType, lazy, Suspense } from "react";
import { Route, Switch } from "wouter";
import { may } from "../api/queries.ts";
import type { Session } from "../api/types.ts";
import { useTexts } from "../i18n/i18n.ts";
import { PAGES } from "../pages/index.ts";
import { PageBoundary } from "./page-boundary.tsx";
import { shellTexts } from "./shell.texts.ts";

const LOADED = PAGES.map(({ path, needs, load }) => ({
  path,
  needs,
  Page: lazy<ComponentType>(async () => ({ default: await load() })),
}));

/** The page at this address, if there is one and this user may see it. */
export function PageOutlet({ session }: { readonly session: Session }) {
  const t = useTexts(shellTexts);
  return (
    <Switch>
      {LOADED.map(({ path, needs, Page }) => (
        <Route key={path} path={path}>
          {may(session, needs) ? (
            <PageBoundary key={path} title={t("unexpected-error")} reload={t("reload")}>
              <Suspense fallback={<Loader aria-label={t("loading")} />}>
                <Page />
              </Suspense>
            </PageBoundary>
          ) : (
            <Text role="alert">{t("not-allowed")}</Text>
          )}
        </Route>
      ))}
      <Route>
        <Text role="alert">{t("no-such-page")}</Text>
      </Route>
    </Switch>
  );
}
