import "./workers.js";
import "@graphiql/react/style.css";
import "@graphiql/plugin-doc-explorer/style.css";
import "@graphiql/plugin-history/style.css";
import "@graphiql/plugin-explorer/style.css";
import "graphiql/graphiql.css";
import "./page.css";

import { explorerPlugin } from "@graphiql/plugin-explorer";
import { GraphiQL, HISTORY_PLUGIN } from "graphiql";
import { createRoot } from "react-dom/client";
import examples from "virtual:examples";

import { fetcher } from "./fetcher.js";
import { defaultHeaders, Fictional, Identities } from "./identities.jsx";
import { shared } from "./shared.js";
import { TrustedOnly } from "./trusted.jsx";

const plugins = [HISTORY_PLUGIN, explorerPlugin({ showAttribution: false })];
const tabs = examples.map((query) => ({ query }));
// On a first visit GraphiQL opens the first of these; on later visits it adds a tab for the shared operation.
const defaultTabs = shared ? [shared, ...tabs] : tabs;

createRoot(document.getElementById("graphiql")).render(
  // Headers can contain a token, so they are never stored in the browser, where they would outlive the visit.
  <GraphiQL
    defaultHeaders={defaultHeaders}
    defaultTabs={defaultTabs}
    fetcher={fetcher}
    initialQuery={shared?.query}
    initialVariables={shared?.variables}
    plugins={plugins}
    shouldPersistHeaders={false}
    showPersistHeadersSettings={false}
  >
    <GraphiQL.Logo>
      IT Coalition API <Identities /> <Fictional /> <TrustedOnly />
    </GraphiQL.Logo>
  </GraphiQL>,
);
