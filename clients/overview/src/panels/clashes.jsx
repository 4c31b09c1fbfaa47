import { useState } from "react";

import { Panel } from "../panel.jsx";
import { Badge, Ref } from "../parts.jsx";

const FIRST = 6;

const objectsOf = ({ contribution, delivery, need, procurement, purchaseOrder, roadmap }) => [
  ["need", need?.reference],
  ["procurement", procurement?.reference],
  ["order", purchaseOrder?.number],
  ["delivery", delivery?.reference],
  ["contribution", contribution?.reference],
  ["roadmap", roadmap?.reference],
].filter(([, reference]) => reference);

const COLUMNS = [
  { title: "Severity", value: ({ severity }) => severity },
  { title: "Kind", value: ({ kind }) => kind },
  { title: "Group", value: ({ group }) => group?.code },
  { title: "Clash", value: ({ message }) => message },
  { title: "What resolves it", value: ({ resolution }) => resolution },
  { title: "Objects", value: (clash) => objectsOf(clash).map(([, reference]) => reference).join(" ") },
];

// The API marks names of fields with backticks.
const plain = (text) => text.replaceAll("`", "");

export function Clash({ clash }) {
  const objects = objectsOf(clash);
  return (
    <li>
      <p>
        <Badge>{clash.severity}</Badge> {clash.message}
      </p>
      <p className="note">
        {plain(clash.resolution)}
        {objects.map(([kind, reference]) => (
          <span key={kind}>
            {" "}
            <Ref kind={kind} reference={reference} />
          </span>
        ))}
      </p>
    </li>
  );
}

function List({ clashes }) {
  const [all, showAll] = useState(false);
  return (
    <>
      <ul className="list">
        {(all ? clashes : clashes.slice(0, FIRST)).map((clash, index) => (
          <Clash clash={clash} key={index} />
        ))}
      </ul>
      {clashes.length > FIRST ? (
        <button aria-expanded={all} onClick={() => showAll(!all)} type="button">
          {all ? `Show the first ${FIRST}` : `Show all ${clashes.length}`}
        </button>
      ) : null}
    </>
  );
}

export const Clashes = () => (
  <Panel
    columns={COLUMNS}
    empty="Nothing clashes in what you may see."
    id="clashes"
    intro="What does not fit together in plans, money, orders and deliveries, the most serious first."
    name="clashes"
    path={["clashes"]}
    render={(_, rows) => <List clashes={rows} />}
    rowsOf={({ clashes }) => clashes.nodes}
    table="Clashes"
    title="Clashes"
    totalOf={({ clashes }) => clashes.totalCount}
  />
);
