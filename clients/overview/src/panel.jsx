import { useEffect, useState } from "react";

import { graphiqlLink, NotAuthenticated, run } from "./api.js";
import { download } from "./csv.js";
import { useIdentity } from "./identity.jsx";
import { Sources } from "./parts.jsx";
import { Table } from "./table.jsx";

// Load the answer of a document for the viewer; another viewer or other values load it anew.
export function useAnswer(name, { path, values } = {}) {
  const { headers, refuse } = useIdentity();
  const [answer, setAnswer] = useState({});
  const [attempt, setAttempt] = useState(0);
  const key = JSON.stringify(values ?? null);
  useEffect(() => {
    const stop = new AbortController();
    setAnswer({});
    run(name, { headers, path, signal: stop.signal, values })
      .then((data) => setAnswer({ data }))
      .catch((error) => {
        if (stop.signal.aborted) return;
        if (error instanceof NotAuthenticated) refuse();
        setAnswer({ error: error.message || "The request was refused." });
      });
    return () => stop.abort();
    // `values` is a new object at each rendering; `key` has its content.
  }, [attempt, headers, key, name]);
  return { ...answer, retry: () => setAttempt(attempt + 1) };
}

export const Fault = ({ answer: { error, retry } }) => (
  <p className="fault" role="alert">
    {error}{" "}
    <button onClick={retry} type="button">
      Try again
    </button>
  </p>
);

export function Tools({ columns, name, rows, values }) {
  const { persona } = useIdentity();
  return (
    <p className="tools">
      {columns && rows?.length ? (
        <button onClick={() => download(name, columns, rows)} type="button">
          Download CSV
        </button>
      ) : null}
      <a href={graphiqlLink(name, values, persona)}>Open this query in GraphiQL</a>
    </p>
  );
}

function Body({ answer, columns, empty, render, rows, table, total }) {
  if (answer.error) return <Fault answer={answer} />;
  if (!answer.data) return <p className="loading">Loading …</p>;
  if (!rows.length) return <p className="empty">{empty}</p>;
  return (
    <>
      {render(answer.data, rows)}
      {total > rows.length ? <p className="note">The first {rows.length} of {total} are shown.</p> : null}
      {table ? (
        <details className="data">
          <summary>Table ({rows.length} {rows.length === 1 ? "row" : "rows"})</summary>
          <Table caption={table} columns={columns} rows={rows} />
        </details>
      ) : null}
    </>
  );
}

// A part of the overview. It loads its own query, so a slow query does not hold up the other parts.
export function Panel({ columns, empty, id, intro, name, path, render, rowsOf, sourcesIn, table, title, totalOf, wide }) {
  const answer = useAnswer(name, { path });
  const rows = answer.data ? rowsOf(answer.data) : [];
  return (
    <section aria-busy={!answer.data && !answer.error} aria-labelledby={`${id}-title`} className={wide ? "panel wide" : "panel"} id={id}>
      <h2 id={`${id}-title`}>{title}</h2>
      {intro ? <p className="intro">{intro}</p> : null}
      <Body
        answer={answer}
        columns={columns}
        empty={empty}
        render={render}
        rows={rows}
        table={table}
        total={answer.data ? totalOf?.(answer.data) : undefined}
      />
      {answer.data && sourcesIn ? <Sources sources={sourcesIn(answer.data)} /> : null}
      <Tools columns={columns} name={name} rows={rows} />
    </section>
  );
}
