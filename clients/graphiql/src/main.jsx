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
import { TrustedOnly } from "./trusted.jsx";

const plugins = [HISTORY_PLUGIN, explorerPlugin({ showAttribution: false })];
const defaultTabs = examples.map((query) => ({ query }));

createRoot(document.getElementById("graphiql")).render(
  // Headers can contain a token, so they are never stored in the browser, where they would outlive the visit.
  <GraphiQL
    defaultHeaders={defaultHeaders}
    defaultTabs={defaultTabs}
    fetcher={fetcher}
    plugins={plugins}
    shouldPersistHeaders={false}
    showPersistHeadersSettings={false}
  >
    <GraphiQL.Logo>
      IT Coalition API <Identities /> <Fictional /> <TrustedOnly />
    </GraphiQL.Logo>
  </GraphiQL>,
);
