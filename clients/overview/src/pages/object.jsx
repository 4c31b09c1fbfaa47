import { useEffect } from "react";

import { Clash } from "../panels/clashes.jsx";
import { day, moment, UNKNOWN, words } from "../format.js";
import { Fault, Tools, useAnswer } from "../panel.jsx";
import { Badge, Ref, Sources } from "../parts.jsx";
import { Table } from "../table.jsx";

// The way of a status. A status that is not on the way, such as CANCELLED, is shown alone at its end.
function StatusLine({ status, steps }) {
  const reached = steps.indexOf(status);
  const shown = reached < 0 ? [...steps, status] : steps;
  const current = reached < 0 ? steps.length : reached;
  return (
    <ol aria-label="Status" className={reached < 0 ? "status-line ended" : "status-line"}>
      {shown.map((step, index) => (
        <li
          aria-current={index === current ? "step" : undefined}
          className={index < current && reached >= 0 ? "done" : index === current ? "now" : undefined}
          key={step}
        >
          {words(step)}
        </li>
      ))}
    </ol>
  );
}

const Facts = ({ facts }) => (
  <dl className="figures">
    {facts.filter(([, value]) => value != null && value !== "" && value !== UNKNOWN).map(([title, value]) => (
      <div key={title}>
        <dt>{title}</dt>
        <dd>{value}</dd>
      </div>
    ))}
  </dl>
);

function Section({ children, title, total }) {
  if (!total) return null;
  return (
    <section className="panel">
      <h2>{title}</h2>
      {children}
    </section>
  );
}

const more = (connection) =>
  connection.totalCount > connection.nodes.length ? (
    <p className="note">
      {connection.nodes.length} of {connection.totalCount} are shown.
    </p>
  ) : null;

function List({ columns, connection, title }) {
  return (
    <Section title={title} total={connection.totalCount}>
      <Table caption={title} columns={columns} rows={connection.nodes} />
      {more(connection)}
    </Section>
  );
}

const STEPS = [
  {
    title: "Due",
    show: ({ dueOn, isOverdue }) => (
      <>
        {day(dueOn)} {isOverdue ? <Badge>OVERDUE</Badge> : null}
      </>
    ),
  },
  { title: "Next step", show: ({ text }) => text },
  { title: "Status", show: ({ status }) => words(status) },
  { title: "Reference", show: ({ reference }) => reference },
];

const DOCUMENTS = [
  { title: "Reference", show: ({ reference }) => reference },
  { title: "Title", show: ({ title }) => title },
  { title: "Type", show: ({ documentType }) => words(documentType) },
  { title: "Status", show: ({ status }) => words(status) },
];

const spaced = (name) => name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);

// A new status with the one before it; of other changes the names of the fields.
function changed({ action, after, before }) {
  if (action === "CREATE") return "created";
  if (before?.status && after?.status) return `${words(before.status)} → ${words(after.status)}`;
  return Object.keys({ ...before, ...after }).map(spaced).join(", ");
}

const HISTORY = [
  { title: "When", show: ({ at }) => <span className="nowrap">{moment(at)}</span> },
  { title: "Action", show: ({ action }) => words(action) },
  { title: "Account", show: ({ actor }) => actor?.displayName ?? "system" },
  { title: "Object", show: ({ entityType }) => entityType },
  { title: "Change", show: (event) => changed(event) },
  { title: "Reason", show: ({ reason }) => reason },
];

function Clashes({ connection }) {
  return (
    <Section title="Clashes" total={connection?.totalCount}>
      <ul className="list">
        {connection?.nodes.map((clash, index) => (
          <Clash clash={clash} key={index} />
        ))}
      </ul>
    </Section>
  );
}

const documentsOf = (object) =>
  object.documents ?? { ...object.documentLinks, nodes: object.documentLinks.nodes.map(({ document }) => document) };

function Found({ config, object }) {
  const title = config.titleOf(object);
  useEffect(() => {
    document.title = `${object.reference} · IT Coalition`;
  }, [object.reference]);
  const history = { ...object.history, nodes: object.history.nodes.toReversed() };
  return (
    <>
      <section className="panel wide">
        <p className="kind">
          {config.title} {object.reference}
          {object.marking ? <span className="badge plain">TLP:{object.marking.replace("_", "+")}</span> : null}
        </p>
        <h2>{title}</h2>
        <StatusLine status={object.status} steps={config.steps} />
        {config.texts(object).filter(Boolean).map((text) => (
          <p key={text}>{text}</p>
        ))}
        <Facts facts={config.facts(object)} />
        <Sources sources={object.sources ?? []} />
        <Tools name={config.name} values={{ reference: object.reference }} />
      </section>
      <Clashes connection={object.clashes} />
      {config.lists(object).map(([heading, connection, columns]) => (
        <List columns={columns} connection={connection} key={heading} title={heading} />
      ))}
      <List columns={STEPS} connection={object.actionItems} title="Next steps" />
      <List columns={DOCUMENTS} connection={documentsOf(object)} title="Documents" />
      <List columns={HISTORY} connection={history} title="History" />
    </>
  );
}

export function ObjectPage({ config, reference }) {
  const answer = useAnswer(config.name, { values: { reference } });
  const { data, error } = answer;
  useEffect(() => () => {
    document.title = "IT Coalition";
  }, []);
  const [object] = data?.[config.field].nodes ?? [];
  return (
    <div aria-busy={!data && !error} className="object">
      <p className="back">
        <a href={`#${config.section}`}>← Overview</a>
      </p>
      {error ? <Fault answer={answer} /> : null}
      {data || error ? null : <p className="loading">Loading …</p>}
      {data && !object ? (
        <section className="panel wide">
          <h2>Not found</h2>
          <p>
            There is no {config.title.toLowerCase()} with the reference {reference} that you may see.
          </p>
        </section>
      ) : null}
      {object ? <Found config={config} object={object} /> : null}
    </div>
  );
}

export const refColumn = (title, kind, referenceOf = ({ reference }) => reference) => ({
  title,
  show: (row) => <Ref kind={kind} reference={referenceOf(row)} />,
});

export const nameOf = (participant) => participant && `${participant.name} (${participant.code})`;

export const groupOf = (group) => group && [group.code, group.theme].filter(Boolean).join(", ");
