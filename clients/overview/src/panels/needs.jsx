import { useState } from "react";

import { day, groupsOf, money, number, percent, quantity, sourcesOf, words } from "../format.js";
import { Panel } from "../panel.jsx";
import { Badge, Legend, Meter, Ref } from "../parts.jsx";
import { moneyColumn } from "../table.jsx";

const COLUMNS = [
  { title: "Need", value: ({ reference }) => reference, show: ({ reference }) => <Ref kind="need" reference={reference} /> },
  { title: "Title", value: ({ title }) => title },
  { title: "Area", value: ({ area }) => area.name },
  { title: "Group", value: ({ group }) => group?.code },
  { title: "Status", value: ({ status }) => status, show: ({ status }) => words(status) },
  { title: "Needed by", value: ({ neededBy }) => neededBy, show: ({ neededBy }) => day(neededBy) },
  { title: "Unit", value: ({ unit }) => unit },
  { title: "Needed", right: true, value: (need) => need.quantity, show: (need) => number(need.quantity) },
  { title: "Ordered", right: true, value: (need) => need.orderedQuantity, show: (need) => number(need.orderedQuantity) },
  { title: "Accepted", right: true, value: (need) => need.acceptedQuantity, show: (need) => number(need.acceptedQuantity) },
  { title: "Missing", right: true, value: (need) => need.outstandingQuantity, show: (need) => number(need.outstandingQuantity) },
  moneyColumn("Estimated cost", ({ estimatedCost }) => estimatedCost, money),
  moneyColumn("Funded", ({ fundedAmount }) => fundedAmount, money),
  moneyColumn("Not funded", ({ unmetAmount }) => unmetAmount, money),
  { title: "Currency", value: ({ estimatedCost }) => estimatedCost?.currency },
];

const ORDERS = {
  Area: (need) => need.area.name,
  Group: (need) => need.group?.code ?? "No group",
};

function Quantity({ need }) {
  if (need.quantity == null) return <span className="note">quantity unknown</span>;
  const accepted = Number(need.acceptedQuantity) / Number(need.quantity);
  const ordered = Math.max(0, Math.min(1, Number(need.orderedQuantity) / Number(need.quantity)) - accepted);
  const text = `${number(need.acceptedQuantity)} of ${quantity(need.quantity, need.unit)}`;
  return (
    <>
      <Meter label={`${text} accepted, ${number(need.orderedQuantity)} ordered`} parts={[[accepted, "var(--c-good)"], [ordered, "var(--c-light)"]]} />
      <small>{text} accepted</small>
    </>
  );
}

function Funding({ need }) {
  if (need.estimatedCost == null) return <span className="note">cost unknown</span>;
  const text = `${percent(need.fundedShare)} of ${money(need.estimatedCost)}`;
  return (
    <>
      <Meter label={`${text} funded`} parts={[[Number(need.fundedShare ?? 0), "var(--c-strong)"]]} />
      <small>{text} funded</small>
    </>
  );
}

function Row({ need }) {
  const unknown = need.quantity == null && need.estimatedCost == null;
  return (
    <li>
      <span>
        <Ref kind="need" reference={need.reference}>
          {need.title}
        </Ref>{" "}
        {need.priority ? <Badge>{need.priority}</Badge> : null}
        <small>
          {need.reference} · {words(need.status)}
          {need.neededBy ? ` · by ${day(need.neededBy)}` : ""}
        </small>
      </span>
      {unknown ? (
        <span className="note">quantity and cost unknown</span>
      ) : (
        <>
          <span>
            <Quantity need={need} />
          </span>
          <span>
            <Funding need={need} />
          </span>
        </>
      )}
    </li>
  );
}

function Bars({ needs }) {
  const [order, setOrder] = useState("Area");
  const groups = groupsOf(needs, ORDERS[order]).toSorted(([one], [other]) => one.localeCompare(other));
  return (
    <>
      <p className="controls">
        <label>
          In the order of{" "}
          <select onChange={({ target }) => setOrder(target.value)} value={order}>
            {Object.keys(ORDERS).map((each) => (
              <option key={each}>{each}</option>
            ))}
          </select>
        </label>
      </p>
      <Legend entries={[["Accepted", "var(--c-good)"], ["Ordered, not accepted", "var(--c-light)"], ["Funded", "var(--c-strong)"]]} />
      {groups.map(([title, rows]) => (
        <div key={title}>
          <h3 className="area">{title}</h3>
          <ul className="needs">
            {rows.map((need) => (
              <Row key={need.reference} need={need} />
            ))}
          </ul>
        </div>
      ))}
    </>
  );
}

export const Needs = () => (
  <Panel
    columns={COLUMNS}
    empty="There is no need that you may see."
    id="needs"
    intro="What Ukraine needs in units and in money, without drafts and without needs that were rejected or withdrawn."
    name="needs"
    path={["capabilityNeeds"]}
    render={(_, rows) => <Bars needs={rows} />}
    rowsOf={({ capabilityNeeds }) => capabilityNeeds.nodes}
    sourcesIn={({ capabilityNeeds }) => sourcesOf(capabilityNeeds.nodes)}
    table="Capability needs"
    title="Capability needs"
    totalOf={({ capabilityNeeds }) => capabilityNeeds.totalCount}
  />
);
